using System.Text;

namespace Tsunagi.Mail.Shadow;

/// <summary>
/// What the filter in service said of one message, as its fields pass by. They are believed as they stand: this is a comparison and decides nothing, and a sender who forges them
/// deceives only whoever lets them in from outside.
/// </summary>
internal sealed class OldFilterWord(ShadowOptions options)
{
    private const int MaxCharacters = 120;
    private int _place = int.MaxValue;

    /// <summary>spam, clean, or empty when it said nothing.</summary>
    public string Says { get; private set; } = "";

    /// <summary>The field it said so in: "X-Spam-Flag: YES".</summary>
    public string Field { get; private set; } = "";

    public void Reset() => (Says, Field, _place) = (options.SilentIsClean ? ShadowWord.Clean : "", "", int.MaxValue);

    /// <param name="field">All of it, from the name to the line end.</param>
    public void See(string name, ReadOnlySpan<byte> field)
    {
        for (var place = 0; place < options.Fields.Count; place++)
        {
            if (!options.Fields[place].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var value = ValueOf(field);
            var says = Begins(value, options.Fields[place].Spam) ? ShadowWord.Spam : Begins(value, options.Fields[place].Clean) ? ShadowWord.Clean : "";
            if (says.Length > 0 && (says == ShadowWord.Spam ? Says != ShadowWord.Spam || place < _place : Says != ShadowWord.Spam && place < _place))
            {
                (Says, Field, _place) = (says, $"{options.Fields[place].Name}: {value}", place);
            }

            return;
        }
    }

    // On one line, without what could be read as markup of a terminal.
    private static string ValueOf(ReadOnlySpan<byte> field)
    {
        var body = Encoding.Latin1.GetString(field[(field.IndexOf((byte)':') + 1)..]);
        var value = new StringBuilder();
        foreach (var letter in body)
        {
            if (value.Length == MaxCharacters)
            {
                break;
            }

            if (letter is ' ' or '\t' or '\r' or '\n')
            {
                _ = value.Length > 0 && value[^1] != ' ' ? value.Append(' ') : value;
            }
            else
            {
                value.Append(letter is >= ' ' and <= '~' ? letter : '?');
            }
        }

        return value.ToString().TrimEnd();
    }

    private static bool Begins(string value, IReadOnlyList<string> words)
    {
        var colon = value.IndexOf(": ", StringComparison.Ordinal);
        var behind = colon > 0 && !value.AsSpan(0, colon).Contains(' ') ? value[(colon + 2)..] : value;
        foreach (var word in words)
        {
            if (word.Length > 0 && (IsAt(value, word) || IsAt(behind, word)))
            {
                return true;
            }
        }

        return false;
    }

    // A whole word: "no" is not at the head of "notified".
    private static bool IsAt(string text, string word) =>
        text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (text.Length == word.Length || !char.IsAsciiLetterOrDigit(text[word.Length]));
}
