using Tsunagi.Host.Demo;
using Tsunagi.Host.Running;

return args switch
{
    ["run", .. var rest] => await ServeCommand.RunAsync(rest),
    ["demo"] => await DemoCommand.RunAsync(Console.In, Console.Out, Console.Error),
    _ => 2,
};
