using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Arc;

/// <summary>The ARC fields of a header section, brought together into sets (RFC 8617 section 4.2).</summary>
internal sealed class ArcChain
{
    public const string ResultsName = "ARC-Authentication-Results";
    public const string MessageName = "ARC-Message-Signature";
    public const string SealName = "ARC-Seal";

    private ArcChain(IReadOnlyList<Places> sets, int last, string? problem)
    {
        Sets = sets;
        LastInstance = last;
        Problem = problem;
    }

    /// <summary>The sets from 1 on; empty where there is a problem.</summary>
    public IReadOnlyList<Places> Sets { get; }

    /// <summary>The highest instance seen.</summary>
    public int LastInstance { get; }

    /// <summary>Why the fields make no chain; null when they do, or when there are none.</summary>
    public string? Problem { get; }

    public static ArcChain Read(HeaderSection header, int most)
    {
        var results = new Dictionary<int, (int, string)>();
        var messages = new Dictionary<int, (int, DkimSignature)>();
        var seals = new Dictionary<int, (int, DkimSignature)>();
        string? problem = header.End == HeaderEnd.Limit ? "the header section is too long to be read" : null;
        foreach (int field in header.Find(ResultsName))
        {
            problem ??= TryReadResults(header.Body(field), out int instance, out string text) ? Put(results, instance, (field, text), ResultsName) : $"an {ResultsName} field has no instance";
        }

        foreach ((string name, SignatureField kind, Dictionary<int, (int, DkimSignature)> read) in
            ((string, SignatureField, Dictionary<int, (int, DkimSignature)>)[])[(MessageName, SignatureField.ArcMessage, messages), (SealName, SignatureField.ArcSeal, seals)])
        {
            foreach (int field in header.Find(name))
            {
                problem ??= DkimSignatureReader.TryRead(header.Body(field), kind, out DkimSignature? signature, out string reason)
                    ? Put(read, signature!.Instance, (field, signature), name)
                    : $"an {name} field is malformed: {reason}";
            }
        }

        int last = results.Keys.Concat(messages.Keys).Concat(seals.Keys).DefaultIfEmpty(0).Max();
        if (problem is null && last > most)
        {
            problem = $"the chain has more than {most} sets";
        }

        var sets = new List<Places>(last);
        for (int i = 1; problem is null && i <= last; i++)
        {
            if (results.TryGetValue(i, out (int Field, string Text) result) && messages.TryGetValue(i, out (int Field, DkimSignature Read) message)
                && seals.TryGetValue(i, out (int Field, DkimSignature Read) seal))
            {
                sets.Add(new Places(result.Field, result.Text, message.Field, message.Read, seal.Field, seal.Read));
            }
            else
            {
                problem = $"the set of instance {i} is not whole";
            }
        }

        return new ArcChain(problem is null ? sets : [], last, problem);
    }

    private static string? Put<T>(Dictionary<int, T> read, int instance, T value, string name) =>
        read.TryAdd(instance, value) ? null : $"instance {instance} has two {name} fields";

    // arc-info = instance [CFWS] ";" authres-payload ; instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position
    private static bool TryReadResults(ReadOnlySpan<byte> body, out int instance, out string text)
    {
        string all = Encoding.UTF8.GetString(HeaderField.UnfoldOctets(body));
        int semicolon = all.IndexOf(';', StringComparison.Ordinal);
        instance = 0;
        text = semicolon < 0 ? "" : all[(semicolon + 1)..].Trim();
        if (text.Length == 0)
        {
            return false;
        }

        string[] words = WithoutComments(all[..semicolon]).Split('=', StringSplitOptions.TrimEntries);
        return words is ["i", _] && DkimSignatureReader.TryReadInstanceNumber(words[1], out instance);
    }

    private static string WithoutComments(string text)
    {
        var plain = new StringBuilder(text.Length);
        int depth = 0;
        foreach (char c in text)
        {
            depth += c == '(' ? 1 : 0;
            plain.Append(depth > 0 ? ' ' : c);
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }

        return plain.ToString();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{LastInstance} sets");

    /// <summary>Where the three fields of a set stand, and what they say.</summary>
    internal sealed record Places(int ResultsField, string Results, int MessageField, DkimSignature Message, int SealField, DkimSignature Seal);
}
