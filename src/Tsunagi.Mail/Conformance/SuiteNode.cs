using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tsunagi.Mail.Conformance;

/// <summary>One value of a suite file: a text, a list, or keys with values. A key may stand twice, as it does in the public suites.</summary>
internal sealed class SuiteNode
{
    private const int MaxDepth = 16;
    private const int MaxCharacters = 16 * 1024 * 1024;

    private readonly Mark _start;

    private SuiteNode(Mark start, string? text, IReadOnlyList<SuiteNode> items, IReadOnlyList<(string Key, SuiteNode Value)> members)
    {
        _start = start;
        Text = text;
        Items = items;
        Members = members;
    }

    /// <summary>The text of a scalar; null for the others.</summary>
    public string? Text { get; }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<SuiteNode> Items { get; }

    /// <summary>Keys and values in their order.</summary>
    public IReadOnlyList<(string Key, SuiteNode Value)> Members { get; }

    /// <summary>The value of the first such key.</summary>
    public SuiteNode? this[string key] => Members.FirstOrDefault(member => member.Key == key).Value;

    /// <summary>A scalar's text in a list of one, or the texts of a list.</summary>
    public IReadOnlyList<string> Texts => Text is not null ? [Text] : [.. Items.Select(static item => item.Text ?? "")];

    /// <summary>What is wrong here, with its place.</summary>
    public FormatException Wrong(string what, string allowed) => new(At(_start) + $"{what}; allowed: {allowed}");

    /// <summary>Reads every document of a YAML file.</summary>
    /// <exception cref="FormatException">It is not YAML, or larger or deeper than any suite.</exception>
    public static IReadOnlyList<SuiteNode> ReadAll(string yaml)
    {
        if (yaml.Length > MaxCharacters)
        {
            throw new FormatException($"the file is longer than {MaxCharacters} characters");
        }

        try
        {
            var parser = new Parser(new StringReader(WithoutLeadingSpaces(yaml)));
            var documents = new List<SuiteNode>();
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                documents.Add(Read(parser, 0));
                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException e)
        {
            throw new FormatException(At(e.Start) + $"this is not YAML: {e.Message}", e);
        }
    }

    private static string At(Mark mark) => string.Create(CultureInfo.InvariantCulture, $"line {mark.Line}, column {mark.Column}: ");

    // A block that begins with a line of spaces only is taken by the readers the suites were made with and refused by ours.
    private static string WithoutLeadingSpaces(string yaml)
    {
        var text = new StringBuilder(yaml.Length);
        var begins = false;
        foreach (var line in yaml.AsSpan().EnumerateLines())
        {
            var empty = line.Trim(' ').IsEmpty;
            text.Append(begins && empty ? "" : line).Append('\n');
            begins = (begins && empty) || line.TrimEnd(' ') is [.., ':' or ' ', '|' or '>'] or [.., '|' or '>', '-' or '+'];
        }

        return text.ToString();
    }

    private static SuiteNode Read(Parser parser, int depth)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new SuiteNode(scalar.Start, scalar.Value, [], []);
        }

        if (depth >= MaxDepth)
        {
            throw new FormatException(At(parser.Current?.Start ?? Mark.Empty) + $"values stand more than {MaxDepth} deep");
        }

        if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<SuiteNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Read(parser, depth + 1));
            }

            return new SuiteNode(sequence.Start, null, items, []);
        }

        if (!parser.TryConsume<MappingStart>(out var mapping))
        {
            throw new FormatException(At(parser.Current?.Start ?? Mark.Empty) + "aliases are not read");
        }

        var members = new List<(string, SuiteNode)>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            members.Add((parser.Consume<Scalar>().Value, Read(parser, depth + 1)));
        }

        return new SuiteNode(mapping.Start, null, [], members);
    }
}
