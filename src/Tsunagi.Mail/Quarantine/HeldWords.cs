using System.Text;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// The words by which held mail is found: the message's id, addresses whole, by local part and by domain (each also with its field before it), and the words of the subject and of
/// the sender's name. Scripts without blanks are indexed by pairs of neighbours, so two characters of Japanese find their place. All words of a search must be there.
/// </summary>
internal static class HeldWords
{
    public const int MaxWords = 80;
    public const int MaxQueryWords = 12;
    private const int MaxWordCharacters = 80;

    /// <summary>The words of one row, each once, with blanks between them.</summary>
    public static string Of(string message, string recipient, string sender, string fromText, string subject)
    {
        var words = new WordList(MaxWords);
        words.Add(Clean(message));
        Address(words, "r:", recipient);
        Address(words, "s:", sender);
        if (fromText.IndexOf('<', StringComparison.Ordinal) is >= 0 and var open)
        {
            Address(words, "s:", fromText[(open + 1)..].TrimEnd('>'));
            Words(words, fromText[..open]);
        }
        else if (fromText.Contains('@', StringComparison.Ordinal))
        {
            Address(words, "s:", fromText);
        }
        else
        {
            Words(words, fromText);
        }

        Words(words, subject);
        return string.Join(' ', words.All);
    }

    /// <summary>What a search asks for: each word in quotes, all of which must be there. Empty when nothing in it is a word.</summary>
    public static string Query(HeldFilter filter)
    {
        var words = new WordList(MaxQueryWords);
        foreach (var part in filter.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if ((part.AsSpan().ContainsAny('@', '.') || part.StartsWith("m_", StringComparison.Ordinal)) && Ascii.IsValid(part))
            {
                words.Add(Clean(part.Trim('<', '>', '.', ',', ';').TrimStart('@')));
            }
            else
            {
                Words(words, part);
            }
        }

        Field(words, "s:", filter.Sender);
        Field(words, "r:", filter.Recipient);
        Words(words, filter.Subject);
        return string.Join(' ', words.All.Select(static word => $"\"{word}\""));
    }

    private static void Field(WordList words, string field, string value)
    {
        var text = value.Trim().Trim('<', '>').TrimStart('@');
        if (text.Length > 0)
        {
            words.Add(Clean(field + text));
        }
    }

    private static void Address(WordList words, string field, string address)
    {
        var text = address.Trim();
        var at = text.LastIndexOf('@');
        if (at <= 0)
        {
            return;
        }

        words.Add(Clean(text));
        words.Add(Clean(field + text));
        words.Add(Clean(text.AsSpan(0, at)));
        for (var domain = text[(at + 1)..]; domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            words.Add(Clean(domain));
            words.Add(Clean(field + domain));
        }
    }

    private static void Words(WordList words, string text)
    {
        var normal = Whole(text).Normalize(NormalizationForm.FormKC);
        for (var i = 0; i < normal.Length;)
        {
            if (!char.IsLetterOrDigit(normal[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var packed = IsPacked(normal[i]);
            while (i < normal.Length && char.IsLetterOrDigit(normal[i]) && IsPacked(normal[i]) == packed)
            {
                i++;
            }

            Run(words, normal.AsSpan(start, i - start), packed);
        }
    }

    // A half surrogate is no text, and normalising refuses it.
    private static string Whole(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : string.Concat(text.EnumerateRunes());

    private static void Run(WordList words, ReadOnlySpan<char> run, bool packed)
    {
        if (!packed || run.Length <= 2)
        {
            words.Add(Clean(run));
            return;
        }

        for (var i = 0; i + 1 < run.Length; i++)
        {
            words.Add(Clean(run.Slice(i, 2)));
        }
    }

    // Kana, Han, Hangul and all behind them: no blanks between words.
    private static bool IsPacked(char c) => c >= '\u2E80';

    // Only what both databases take for one word: other ASCII is written as "_", the same on both sides.
    private static string Clean(ReadOnlySpan<char> text)
    {
        var word = text.Length <= MaxWordCharacters ? text : text[..MaxWordCharacters];
        return string.Create(word.Length, word, static (chars, source) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                var c = char.ToLowerInvariant(source[i]);
                chars[i] = c >= 0x80 ? (char.IsLetterOrDigit(c) ? c : '_') : char.IsAsciiLetterOrDigit(c) || "@._-+=:".Contains(c, StringComparison.Ordinal) ? c : '_';
            }
        });
    }

    private sealed class WordList(int most)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public List<string> All { get; } = [];

        public void Add(string word)
        {
            if (word.Length > 0 && All.Count < most && _seen.Add(word))
            {
                All.Add(word);
            }
        }
    }
}
