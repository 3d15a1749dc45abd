using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Modules;

/// <summary>Where a module puts its routes, pages and verbs.</summary>
/// <param name="name">What the service is called: the heading of its entries in the side bar.</param>
/// <param name="root">The program's own routes: for the forms of the console's pages, under <c>/console/{module id}</c>.</param>
public sealed class ModuleMap(LocalizedText name, RouteGroupBuilder api, IEndpointRouteBuilder root)
{
    public LocalizedText Name => name;

    /// <summary>The group <c>/api/v1/{module id}</c>.</summary>
    public RouteGroupBuilder Api => api;

    /// <summary>The program's own routes: for the forms of the module's pages (<c>MapAct("/console/mail/…")</c>).</summary>
    public IEndpointRouteBuilder Root => root;

    /// <summary>Assemblies whose Razor pages the console serves.</summary>
    public List<Assembly> Pages { get; } = [];

    /// <summary>Entries of the console's and the portal's side bar.</summary>
    public List<NavigationEntry> Navigation { get; } = [];

    /// <summary>Verbs below <c>tsunagi {module id}</c>.</summary>
    public List<Verb> Verbs { get; } = [];

    /// <summary>Verbs under a word of the trade and not below the module's id, with their whole path (<c>flows decode</c>): those that work without an installation.</summary>
    public List<Verb> TradeVerbs { get; } = [];
}

/// <summary>One entry of the side bar. <paramref name="Permission"/> decides who sees it.</summary>
/// <param name="Icon">Name of a Tabler outline icon ("mail").</param>
public sealed record NavigationEntry(string Href, string Icon, LocalizedText Label, string Permission, int Order);
