using Tsunagi.Core.Verbs;
using Tsunagi.Host.Cli;
using Tsunagi.Host.Demo;
using Tsunagi.Host.Try;

return await CommandLine.RunAsync(
    args,
    [
        new Verb("demo", "A whole provider with sample tenants and live mail, on loopback, until Ctrl-C", [], (context, _) => DemoCommand.RunAsync(Console.In, context.Out, context.Error)),
        TryMailCommand.Verb,
    ]);
