using System.Xml;

namespace Tsunagi.BackOffice.Bank.Camt;

/// <summary>One element below a statement, held while it is read: name without namespace, text, the Ccy attribute, children.</summary>
internal sealed class CamtNode(string name, int line, int column)
{
    private readonly List<CamtNode> _children = [];

    public string Name => name;

    public int Line => line;

    public int Column => column;

    public string Text { get; private set; } = "";

    public string? Currency { get; private set; }

    /// <summary>All children of a name.</summary>
    public IEnumerable<CamtNode> All(string child) => _children.Where(node => node.Name == child);

    /// <summary>The first node at a path of names.</summary>
    public CamtNode? Find(params ReadOnlySpan<string> path)
    {
        var at = this;
        foreach (var step in path)
        {
            at = at._children.Find(node => node.Name == step);
            if (at is null)
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>The text at a path; null when it is absent or empty.</summary>
    public string? Value(params ReadOnlySpan<string> path) => Find(path)?.Text is { Length: > 0 } text ? text : null;

    /// <summary>Reads the element the reader stands on to its end; null when it is larger than the limits allow, which is then told.</summary>
    public static CamtNode? Read(XmlReader xml, BankReading reading, ref int elements)
    {
        var node = new CamtNode(xml.LocalName, LineOf(xml), ColumnOf(xml)) { Currency = xml.GetAttribute("Ccy") };
        if (++elements > reading.Limits.MaxElements)
        {
            reading.End(node.Line, node.Column, $"more than {reading.Limits.MaxElements} elements in one booking");
            return null;
        }

        if (xml.IsEmptyElement)
        {
            return node;
        }

        while (xml.Read() && xml.NodeType != XmlNodeType.EndElement)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                if (xml.Depth > CamtFile.MaxDepth)
                {
                    reading.End(LineOf(xml), ColumnOf(xml), $"elements nest deeper than {CamtFile.MaxDepth}");
                    return null;
                }

                if (Read(xml, reading, ref elements) is not { } child)
                {
                    return null;
                }

                node._children.Add(child);
            }
            else if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                node.Text += xml.Value.Trim();
                if (node.Text.Length > reading.Limits.MaxFieldLength)
                {
                    reading.End(LineOf(xml), ColumnOf(xml), $"{node.Name} has more than {reading.Limits.MaxFieldLength} characters");
                    return null;
                }
            }
        }

        return node;
    }

    public static int LineOf(XmlReader xml) => xml is IXmlLineInfo info ? Math.Max(1, info.LineNumber) : 1;

    public static int ColumnOf(XmlReader xml) => xml is IXmlLineInfo info ? Math.Max(1, info.LinePosition) : 1;
}
