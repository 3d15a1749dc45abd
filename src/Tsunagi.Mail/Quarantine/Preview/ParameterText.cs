using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Quarantine.Preview;

/// <summary>
/// A structured field with parameters (RFC 2045 section 5.1), its values as people read them: quoted strings, values in pieces and in percent signs (RFC 2231), and
/// encoded words in quotes, which are not allowed there and which everybody writes.
/// </summary>
internal sealed class ParameterText
{
    private const int MaxParameters = 50;
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What stands before the first semicolon.</summary>
    public string Value { get; private init; } = "";

    /// <summary>Empty when there is none.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    public static ParameterText Read(string field)
    {
        var semicolon = field.IndexOf(';', StringComparison.Ordinal);
        var text = new ParameterText { Value = (semicolon < 0 ? field : field[..semicolon]).Trim() };
        var pieces = new SortedDictionary<(string Name, int Number), (string Value, bool Extended)>();
        for (var at = semicolon; at >= 0 && at < field.Length && pieces.Count < MaxParameters;)
        {
            at = Next(field, at + 1, pieces);
        }

        foreach (var parameter in pieces.GroupBy(static piece => piece.Key.Name))
        {
            text._values[parameter.Key] = Join(parameter.Select(static piece => piece.Value).ToList());
        }

        return text;
    }

    // parameter = attribute ["*" number] ["*"] "=" (token / quoted-string); returns where the next semicolon is, or -1.
    private static int Next(string field, int at, SortedDictionary<(string Name, int Number), (string Value, bool Extended)> pieces)
    {
        var equals = field.IndexOf('=', at);
        if (equals < 0)
        {
            return -1;
        }

        var semicolon = field.IndexOf(';', at, equals - at);
        if (semicolon >= 0)
        {
            return semicolon;
        }

        var name = field[at..equals].Trim().ToLowerInvariant();
        var extended = name.EndsWith('*');
        name = extended ? name[..^1] : name;
        var number = 0;
        if (name.LastIndexOf('*') is > 0 and var star && int.TryParse(name.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MaxParameters)
        {
            name = name[..star];
        }

        var (value, end) = ReadValue(field, equals + 1);
        pieces.TryAdd((name, number), (value, extended));
        return end < field.Length ? field.IndexOf(';', end) : -1;
    }

    private static (string Value, int End) ReadValue(string field, int at)
    {
        while (at < field.Length && char.IsWhiteSpace(field[at]))
        {
            at++;
        }

        if (at >= field.Length || field[at] != '"')
        {
            var end = field.IndexOf(';', Math.Min(at, field.Length));
            end = end < 0 ? field.Length : end;
            return (field[Math.Min(at, field.Length)..end].Trim(), end);
        }

        var value = new StringBuilder();
        for (at++; at < field.Length && field[at] != '"'; at++)
        {
            at += field[at] == '\\' && at + 1 < field.Length ? 1 : 0;
            value.Append(field[at]);
        }

        return (value.ToString(), Math.Min(at + 1, field.Length));
    }

    private static string Join(List<(string Value, bool Extended)> pieces)
    {
        if (!pieces[0].Extended && pieces.Count == 1)
        {
            return Shown(pieces[0].Value);
        }

        // charset'language'text in percent signs; only the first piece names them.
        var quotes = pieces[0].Extended ? pieces[0].Value.Split('\'', 3) : [];
        var charset = quotes.Length == 3 ? quotes[0] : "utf-8";
        var octets = new List<byte>();
        for (var i = 0; i < pieces.Count; i++)
        {
            var value = i == 0 && quotes.Length == 3 ? quotes[2] : pieces[i].Value;
            octets.AddRange(pieces[i].Extended ? FromPercent(value) : Encoding.UTF8.GetBytes(value));
        }

        var head = Encoding.ASCII.GetBytes($"=?{(charset.Length is > 0 and < 40 && charset.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? charset : "utf-8")}?B?{Convert.ToBase64String([.. octets])}?=");
        return Shown(Encoding.ASCII.GetString(head));
    }

    private static IEnumerable<byte> FromPercent(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var octet))
            {
                yield return octet;
                i += 2;
            }
            else
            {
                foreach (var octet8 in Encoding.UTF8.GetBytes(value[i].ToString()))
                {
                    yield return octet8;
                }
            }
        }
    }

    // Encoded words are decoded, and what turns the reading direction or is no character is taken out.
    private static string Shown(string value) => EncodedWord.Decode(Encoding.UTF8.GetBytes(value), 400);
}
