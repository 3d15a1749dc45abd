namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Whether the author's domain is the one that a message comes from, links to, and took its identifier in. Newsletters that people asked for are of one piece; what pretends to
/// be one is of several. The three are told together as well, since a linear model cannot see that they agree.
/// </summary>
internal sealed class AuthorRelation
{
    private string _author = "";
    private int _fromOwn;
    private int _fromOther;
    private int _ownLinks;
    private int _otherLinks;
    private char _id;

    /// <summary>Begins a message.</summary>
    /// <param name="author">The registered part of the author's domain, in lower case; empty for none.</param>
    public void Begin(string author) => (_author, _fromOwn, _fromOther, _ownLinks, _otherLinks, _id) = (author, 0, 0, 0, 0, '-');

    /// <summary>A host that handed it over.</summary>
    public bool AddSource(ReadOnlySpan<char> registered)
    {
        bool isOwn = _author.Length > 0 && registered.SequenceEqual(_author);
        (_fromOwn, _fromOther) = isOwn ? (_fromOwn + 1, _fromOther) : (_fromOwn, _fromOther + 1);
        return isOwn;
    }

    /// <summary>A host it links to.</summary>
    public void AddLink(ReadOnlySpan<char> host)
    {
        bool isOwn = _author.Length > 0 && LinkTokens.Registered(host).Equals(_author, StringComparison.OrdinalIgnoreCase);
        (_ownLinks, _otherLinks) = isOwn ? (_ownLinks + 1, _otherLinks) : (_ownLinks, _otherLinks + 1);
    }

    /// <summary>Its identifier is of the author's domain, of a relay's, or of neither.</summary>
    public void SetId(bool isOwn, bool isRelays) => _id = isOwn ? 'o' : isRelays ? 'r' : 'x';

    /// <summary>Tells what was found, at the end of the message.</summary>
    public void Tell(MessageTokens tokens)
    {
        if (_ownLinks + _otherLinks > 0)
        {
            tokens.Add(TokenKind.Relation, _otherLinks == 0 ? "links to the author's domain only" : _ownLinks == 0 ? "no link to the author's domain" : _ownLinks >= _otherLinks ? "links mostly to the author's domain" : "links also to the author's domain");
        }

        // o: the author's, x: another, m: both, r: a relay's, -: none.
        Span<char> all = stackalloc char[3];
        all[0] = _fromOwn > 0 ? 'o' : _fromOther > 0 ? 'x' : '-';
        all[1] = _ownLinks + _otherLinks == 0 ? '-' : _otherLinks == 0 ? 'o' : _ownLinks == 0 ? 'x' : 'm';
        all[2] = _id;
        tokens.Add(TokenKind.Relation, "source, links, id ", all);
    }
}
