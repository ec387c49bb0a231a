"""The only room that opens sockets. A channel knows nothing of cases, persons or SQL."""
