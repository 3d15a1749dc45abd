using Tsunagi.BackOffice;
using Tsunagi.Connectivity;
using Tsunagi.Core.Modules;
using Tsunagi.Ddos;
using Tsunagi.Mail;
using Tsunagi.Routers;
using Tsunagi.Routing;

namespace Tsunagi.Host;

/// <summary>The table of contents of the program: every service it has.</summary>
public static class Modules
{
    public static IReadOnlyList<IServiceModule> All { get; } =
        [new MailModule(), new ConnectivityModule(), new DdosModule(), new RoutersModule(), new RoutingModule(), new BackOfficeModule()];
}
