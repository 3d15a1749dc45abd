using System.Reflection;
using Tsunagi.Core.Modules;

namespace Tsunagi.Ui.Layout;

/// <summary>The side bar's entries and the assemblies with pages. The host fills it once, before the first request.</summary>
public sealed class ConsoleNavigation
{
    private IReadOnlyList<NavigationEntry> _own = [];
    private IReadOnlyList<NavigationService> _services = [];

    /// <summary>All entries, those of services included.</summary>
    public IReadOnlyList<NavigationEntry> Entries { get; private set; } = [];

    public IReadOnlyList<Assembly> Pages { get; private set; } = [];

    public void Fill(IEnumerable<NavigationEntry> own, IEnumerable<NavigationService> services, IEnumerable<Assembly> pages)
    {
        _own = [.. own.OrderBy(static entry => entry.Order)];
        _services = [.. services.Where(static service => service.Entries.Count > 0)
            .Select(static service => service with { Entries = [.. service.Entries.OrderBy(static entry => entry.Order)] })
            .OrderBy(static service => service.Entries[0].Order)];
        Entries = [.. _own, .. _services.SelectMany(static service => service.Entries)];
        Pages = [.. pages.Distinct()];
    }

    /// <summary>
    /// Entries below 100 stand alone at the top, then the services, each with what it has; entries of the program's own below 800 are about customers, the
    /// rest about administration. Only what the viewer may see.
    /// </summary>
    public IEnumerable<(LocalizedText? Title, IReadOnlyList<NavigationService> Services)> GroupsFor(ConsoleView view) =>
        _own.Where(entry => IsVisible(entry, view)).Select(static entry => (Group: GroupOf(entry), Service: new NavigationService(entry.Label, [entry])))
            .Concat(_services.Select(service => (Group: 1, Service: service with { Entries = [.. service.Entries.Where(entry => IsVisible(entry, view))] })).Where(static each => each.Service.Entries.Count > 0))
            .GroupBy(static each => each.Group, static each => each.Service)
            .OrderBy(static group => group.Key)
            .Select(static group => (TitleOf(group.Key), (IReadOnlyList<NavigationService>)[.. group]));

    private static bool IsVisible(NavigationEntry entry, ConsoleView view) => entry.Permission.Length == 0 || view.May(entry.Permission);

    private static int GroupOf(NavigationEntry entry) => entry.Order switch { < 100 => 0, < 500 => 1, < 800 => 2, _ => 3 };

    private static LocalizedText? TitleOf(int group) => group switch
    {
        1 => Texts.UiTexts.GroupServices,
        2 => Texts.UiTexts.GroupCustomers,
        3 => Texts.UiTexts.GroupAdministration,
        _ => null,
    };
}

/// <summary>A service's entries; with more than one they fold under its name.</summary>
public sealed record NavigationService(LocalizedText Name, IReadOnlyList<NavigationEntry> Entries);
