"""What the pytest plugin is made of, each part in a file of its own; pytest sees `mockserver.pytest_plugin`."""
