namespace Tsunagi.Protocols.Cpe.Xml;

/// <summary>A small document as elements, with limits.</summary>
internal sealed class XmlTree(int maxElements, int maxTextOctets) : IXmlSink
{
    private readonly List<XmlNode> _path = [];
    private int _elements;

    public XmlNode? Root { get; private set; }

    public string? OnStart(string name, IReadOnlyList<XmlMark> marks)
    {
        if (++_elements > maxElements)
        {
            return $"the message has more than {maxElements} elements";
        }

        _path.Add(new XmlNode(name) { Marks = [.. marks] });
        return null;
    }

    public string? OnText(string text)
    {
        _path[^1].Add(text);
        return _path[^1].TextLength > maxTextOctets ? $"a text is longer than {maxTextOctets} octets" : null;
    }

    public string? OnEnd(string name)
    {
        var node = _path[^1];
        _path.RemoveAt(_path.Count - 1);
        if (_path.Count == 0)
        {
            Root = node;
        }
        else
        {
            _path[^1].Add(node);
        }

        return null;
    }
}
