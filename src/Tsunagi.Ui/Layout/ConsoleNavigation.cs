using System.Reflection;
using Tsunagi.Core.Modules;

namespace Tsunagi.Ui.Layout;

/// <summary>The side bar's entries and the assemblies with pages. The host fills it once, before the first request.</summary>
public sealed class ConsoleNavigation
{
    public IReadOnlyList<NavigationEntry> Entries { get; private set; } = [];

    public IReadOnlyList<Assembly> Pages { get; private set; } = [];

    public void Fill(IEnumerable<NavigationEntry> entries, IEnumerable<Assembly> pages)
    {
        Entries = [.. entries.OrderBy(static entry => entry.Order)];
        Pages = [.. pages.Distinct()];
    }

    /// <summary>Entries below 100 stand alone at the top; 100–499 are services, 500–799 customers, the rest administration.</summary>
    public IEnumerable<(LocalizedText? Title, IReadOnlyList<NavigationEntry> Entries)> GroupsFor(ConsoleView view) =>
        Entries.Where(entry => entry.Permission.Length == 0 || view.May(entry.Permission))
            .GroupBy(static entry => entry.Order switch { < 100 => 0, < 500 => 1, < 800 => 2, _ => 3 })
            .Select(static group => (TitleOf(group.Key), (IReadOnlyList<NavigationEntry>)[.. group]));

    private static LocalizedText? TitleOf(int group) => group switch
    {
        1 => Texts.UiTexts.GroupServices,
        2 => Texts.UiTexts.GroupCustomers,
        3 => Texts.UiTexts.GroupAdministration,
        _ => null,
    };
}
