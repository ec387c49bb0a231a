"""The subcommands. What is typed becomes calls of `inbox` and `bootstrap`; what comes back becomes lines.

    table       every subcommand, its options and its help, as data: nothing is imported to list them
    plain       reads an argument list without click, where it is plain: the way of scripts, and fast
    parser      the same table as a click group: help, mistakes, completion
    call        one invocation: configuration, inbox and output, each opened when it is first asked for
    output      the only writer to stdout and stderr
    serial      records to the JSON objects that scripts rely on
    children    the worker and the demo's world, started beside the interface
    reading, acting, sending, fetching, doctor, sandbox, demo, interface
                one module a family of subcommands; imported when one of them is called

Each of the last is a function of a `call.Call` and the values of its options that returns an exit code.
"""
