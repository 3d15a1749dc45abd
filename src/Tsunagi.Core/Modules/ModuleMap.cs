using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Modules;

/// <summary>Where a module puts its routes, pages and verbs.</summary>
public sealed class ModuleMap(RouteGroupBuilder api)
{
    /// <summary>The group <c>/api/v1/{module id}</c>.</summary>
    public RouteGroupBuilder Api => api;

    /// <summary>Assemblies whose Razor pages the console serves.</summary>
    public List<Assembly> Pages { get; } = [];

    /// <summary>Entries of the console's and the portal's side bar.</summary>
    public List<NavigationEntry> Navigation { get; } = [];

    /// <summary>Verbs below <c>tsunagi {module id}</c>.</summary>
    public List<Verb> Verbs { get; } = [];
}

/// <summary>One entry of the side bar. <paramref name="Permission"/> decides who sees it.</summary>
/// <param name="Icon">Name of a Tabler outline icon ("mail").</param>
public sealed record NavigationEntry(string Href, string Icon, LocalizedText Label, string Permission, int Order);
