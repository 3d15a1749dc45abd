using Tsunagi.Host.Running;

return args is ["run", .. var rest] ? await ServeCommand.RunAsync(rest) : 2;
