using System.Collections.Frozen;
using System.Globalization;
using Tsunagi.Core.Ids;

namespace Tsunagi.Ui.Subjects;

/// <summary>From an id to the page of the thing it names.</summary>
public sealed class SubjectPages(IEnumerable<SubjectPage> pages)
{
    private readonly FrozenDictionary<string, SubjectPage> _byKind = pages.ToFrozenDictionary(static page => page.Kind);

    public SubjectPage? Of(string id) => Id.KindOf(id) is { } kind ? _byKind.GetValueOrDefault(kind) : null;

    public string? HrefOf(string id) => Of(id)?.Href is { } href ? string.Format(CultureInfo.InvariantCulture, href, id) : null;
}
