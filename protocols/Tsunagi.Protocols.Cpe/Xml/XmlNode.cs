using System.Text;

namespace Tsunagi.Protocols.Cpe.Xml;

/// <summary>An element with what is in it. Names are compared without regard to case: devices differ.</summary>
internal sealed class XmlNode(string name)
{
    private string _text = "";
    private StringBuilder? _pieces;
    private List<XmlNode>? _children;

    public string Name => name;

    public IReadOnlyList<XmlMark> Marks { get; init; } = [];

    public IReadOnlyList<XmlNode> Children => _children ?? (IReadOnlyList<XmlNode>)[];

    /// <summary>The text, as it stands; blanks between elements are none.</summary>
    public string Text => _pieces?.ToString() ?? _text;

    public int TextLength => _pieces?.Length ?? _text.Length;

    /// <summary>What the elements of a long list were turned into as they ended.</summary>
    public List<object>? Items { get; set; }

    public bool IsNamed(string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    public void Add(string text)
    {
        if (_children is not null && string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        if (_text.Length == 0)
        {
            _text = text;
            return;
        }

        (_pieces ??= new StringBuilder(_text)).Append(text);
    }

    public void Add(XmlNode child)
    {
        _text = _pieces is null && string.IsNullOrWhiteSpace(_text) ? "" : _text;
        (_children ??= []).Add(child);
    }

    public XmlNode? Child(string wanted)
    {
        foreach (var child in Children)
        {
            if (child.IsNamed(wanted))
            {
                return child;
            }
        }

        return null;
    }

    public string? Mark(string wanted)
    {
        foreach (var mark in Marks)
        {
            if (string.Equals(mark.Name, wanted, StringComparison.OrdinalIgnoreCase))
            {
                return mark.Value;
            }
        }

        return null;
    }

    /// <summary>The trimmed text of a child; empty when there is none.</summary>
    public string Word(string wanted) => Child(wanted)?.Text.Trim() ?? "";

    public long Number(string wanted) =>
        long.TryParse(Word(wanted), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    public bool Truth(string wanted) => Word(wanted) is "1" || string.Equals(Word(wanted), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The first element of this name in it, at any depth, itself included.</summary>
    public XmlNode? Find(string wanted)
    {
        if (IsNamed(wanted))
        {
            return this;
        }

        foreach (var child in Children)
        {
            if (child.Find(wanted) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
