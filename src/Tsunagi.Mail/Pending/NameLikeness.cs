using System.Globalization;
using System.Text;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// Whether a domain's name may be taken for another's: one letter is wrong, missing, too many, or two have changed places; or both look the same (rn and m, 0 and o, letters of other scripts).
/// </summary>
internal static class NameLikeness
{
    // In a shorter name one letter more or less is mostly another name.
    internal const int LeastLength = 7;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    // What looks like a letter of a to z: digits, the dotless and dotted i, letters of Cyrillic, Greek and Armenian in use for it (Unicode TR 39, confusables), and letters with marks. A table of our own, because
    // the program runs without ICU, which would take marks off.
    private static readonly Dictionary<char, char> Alike = Table(
        "a:аαàáâãäåāăąǎ", "b:вьƅ", "c:сçćĉċč", "d:ԁďđ", "e:еεèéêëēĕėęě", "f:ƒ", "g:ցĝğġģɡ", "h:һнĥħ", "j:јĵ", "k:кκķ", "l:1iі|ıιìíîïĩīĭįĺļľŀł", "m:м", "n:ոñńņňŋη", "o:0оοօòóôõöøōŏő", "p:рρþ", "q:ԛ", "r:гŕŗř", "s:5ѕśŝşšș",
        "t:тτţťŧț", "u:υսùúûüũūŭůűų", "v:νѵ", "w:ԝωŵ", "x:хχ", "y:уýÿŷγ", "z:źżž");

    /// <summary>True for two different names of which one may be taken for the other.</summary>
    /// <param name="one">Lower case, as it goes over the wire (A-labels).</param>
    public static bool IsAlike(string one, string other) => IsAlike(one, Shape(one), other, Shape(other));

    /// <summary>The same for names whose shapes are known.</summary>
    public static bool IsAlike(string one, string oneShape, string other, string otherShape) =>
        !string.Equals(one, other, StringComparison.Ordinal) && (oneShape == otherShape || (Math.Min(one.Length, other.Length) >= LeastLength && IsOneEdit(one, other)));

    /// <summary>One letter replaced, put in, left out, or two neighbours changed.</summary>
    public static bool IsOneEdit(string one, string other)
    {
        var (shorter, longer) = one.Length <= other.Length ? (one, other) : (other, one);
        if (longer.Length - shorter.Length > 1)
        {
            return false;
        }

        var at = 0;
        while (at < shorter.Length && shorter[at] == longer[at])
        {
            at++;
        }

        if (shorter.Length < longer.Length)
        {
            return shorter.AsSpan(at).SequenceEqual(longer.AsSpan(at + 1));
        }

        return at < shorter.Length && (shorter.AsSpan(at + 1).SequenceEqual(longer.AsSpan(at + 1))
            || (at + 1 < shorter.Length && shorter[at] == longer[at + 1] && shorter[at + 1] == longer[at] && shorter.AsSpan(at + 2).SequenceEqual(longer.AsSpan(at + 2))));
    }

    /// <summary>What a name looks like: names that look the same have the same.</summary>
    public static string Shape(string name)
    {
        var shape = new StringBuilder(name.Length);
        foreach (var letter in Shown(name))
        {
            shape.Append(Alike.GetValueOrDefault(letter, letter));
        }

        return shape.Replace("rn", "m").Replace("vv", "w").Replace("cl", "d").ToString();
    }

    private static Dictionary<char, char> Table(params IEnumerable<string> rows) => rows.SelectMany(static row => row[2..].Select(letter => (letter, Base: row[0]))).ToDictionary(static pair => pair.letter, static pair => pair.Base);

    private static string Shown(string name)
    {
        try
        {
            return name.Contains("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(name).ToLowerInvariant() : name;
        }
        catch (ArgumentException)
        {
            // No name that could be shown otherwise.
            return name;
        }
    }
}
