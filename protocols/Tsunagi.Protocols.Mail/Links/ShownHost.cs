namespace Tsunagi.Protocols.Mail.Links;

/// <summary>The host that the text of an anchor shows to people.</summary>
internal static class ShownHost
{
    private const int MaxBare = 300;

    /// <summary>Reads it: of the first link in the text that has a scheme or "www.", or of a text that is a name and nothing else ("example.com", not "Example.com": that is a brand's way to write itself).</summary>
    /// <returns>Characters written; 0 for a text that shows none.</returns>
    public static int Read(ReadOnlySpan<char> label, Span<char> host, int most)
    {
        label = label[..Math.Min(label.Length, most)].Trim();
        int at = 0;
        if (TextLinks.TryNext(label, ref at, most, out ReadOnlySpan<char> link))
        {
            return LinkText.TrySplit(link, out LinkText split, out bool hasScheme) && (split.Form & LinkForm.Defanged) == LinkForm.None && LinkHost.Read(split.Host, host, out _) is var read
                && host[..read].Count('.') >= (hasScheme ? 1 : 2) ? read : 0;
        }

        label = label.Trim("<>()[]\"'.,:;\u200B\u200E\u200F\u300C\u300D ");
        int end = label.IndexOfAny("/?#");
        ReadOnlySpan<char> name = end < 0 ? label : label[..end];
        int dot = name.LastIndexOf('.');
        if (label.Length is < 4 or > MaxBare || dot <= 0 || label.IndexOfAny(" \t\r\n@,") >= 0 || (end < 0 && label.ContainsAnyInRange('A', 'Z')) || !TopDomains.Contains(name[(dot + 1)..]))
        {
            return 0;
        }

        return LinkHost.Read(name, host, out LinkForm form) is var length && (form & LinkForm.Address) == LinkForm.None ? length : 0;
    }
}
