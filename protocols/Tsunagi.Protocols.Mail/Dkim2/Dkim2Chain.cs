using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>The fields of DKIM2 in a header section, in the order of their numbers (section 10.2).</summary>
internal sealed class Dkim2Chain
{
    private readonly HeaderSection _header;

    private Dkim2Chain(HeaderSection header) => _header = header;

    public List<(int Field, MessageInstance Read)> Instances { get; } = [];

    public List<(int Field, Dkim2Signature Read)> Signatures { get; } = [];

    /// <summary>Why the fields make no chain; null when they do, or when there are none.</summary>
    public string? Problem { get; private set; }

    public static Dkim2Chain Read(HeaderSection header, Dkim2Options options)
    {
        var chain = new Dkim2Chain(header);
        IReadOnlyList<int> instances = header.Find(Dkim2Draft.InstanceField), signatures = header.Find(Dkim2Draft.SignatureField);
        if (header.End == HeaderEnd.Limit)
        {
            chain.Problem = "the header section is too long to be read";
        }
        else if (instances.Count > options.Hops || signatures.Count > options.Hops)
        {
            chain.Problem = $"there are more than {options.Hops} hops";
        }

        foreach (int field in instances)
        {
            if (chain.Problem is not null)
            {
                break;
            }

            if (MessageInstance.TryParse(header.Body(field), out MessageInstance? read, out string reason))
            {
                chain.Instances.Add((field, read!));
            }
            else
            {
                chain.Problem = $"{Dkim2Draft.InstanceField} m={Ordinal(header.Body(field), "m")} {reason}";
            }
        }

        foreach (int field in signatures)
        {
            if (chain.Problem is not null)
            {
                break;
            }

            if (Dkim2Signature.TryParse(header.Body(field), out Dkim2Signature? read, out string reason))
            {
                chain.Signatures.Add((field, read!));
            }
            else
            {
                chain.Problem = $"{Dkim2Draft.SignatureField} i={Ordinal(header.Body(field), "i")} {reason}";
            }
        }

        chain.Instances.Sort(static (a, b) => a.Read.Revision.CompareTo(b.Read.Revision));
        chain.Signatures.Sort(static (a, b) => a.Read.Hop.CompareTo(b.Read.Hop));
        chain.Problem ??= chain.Gap();
        return chain;
    }

    /// <summary>
    /// The hash that a hop signed (section 8.5): the forms known to it in ascending order, the signatures before it, and its own with the values emptied.
    /// </summary>
    public byte[] HashFor(int index)
    {
        (int field, Dkim2Signature signature) = Signatures[index];
        var text = new StringBuilder(2048);
        WriteBefore(text, signature.Revision, index, added: "");
        text.Append(Dkim2Tags.Unsigned(Dkim2Draft.SignatureField, _header.Body(field)));
        return SHA256.HashData(Encoding.Latin1.GetBytes(text.ToString()));
    }

    /// <summary>Writes the fields that stand before a hop, and a form that the hop adds.</summary>
    public void WriteBefore(StringBuilder text, int revision, int hops, string added)
    {
        foreach ((int field, MessageInstance instance) in Instances)
        {
            if (instance.Revision <= revision)
            {
                text.Append(Dkim2Tags.Signed(Dkim2Draft.InstanceField, _header.Body(field)));
            }
        }

        text.Append(added);
        for (int i = 0; i < hops; i++)
        {
            text.Append(Dkim2Tags.Signed(Dkim2Draft.SignatureField, _header.Body(Signatures[i].Field)));
        }
    }

    // Numbers run from 1 without a gap, no form stands unsigned, and no hop signs a form older than the hop before it.
    private string? Gap()
    {
        for (int i = 0; i < Instances.Count; i++)
        {
            if (Instances[i].Read.Revision != i + 1)
            {
                return $"{Dkim2Draft.InstanceField} m={i + 1} missing";
            }
        }

        int revision = 0;
        for (int i = 0; i < Signatures.Count; i++)
        {
            Dkim2Signature signature = Signatures[i].Read;
            if (signature.Hop != i + 1)
            {
                return $"{Dkim2Draft.SignatureField} i={i + 1} missing";
            }

            if (signature.Revision > Instances.Count)
            {
                return $"{Dkim2Draft.InstanceField} m={signature.Revision} missing";
            }

            if (signature.Revision < revision)
            {
                return $"{Dkim2Draft.SignatureField} i={i + 1} syntax error";
            }

            revision = signature.Revision;
        }

        if (Instances.Count > 0 && Signatures.Count == 0)
        {
            return $"{Dkim2Draft.SignatureField} i=1 missing";
        }

        return revision < Instances.Count ? $"{Dkim2Draft.InstanceField} m={Instances.Count} is not signed" : null;
    }

    private static string Ordinal(ReadOnlySpan<byte> body, string name)
    {
        string bare = Dkim2Tags.Bare(body);
        string? tag = Array.Find(bare.Split(';'), part => part.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase));
        return tag is { Length: > 2 and < 12 } && !tag.AsSpan(2).ContainsAnyExceptInRange('0', '9') ? tag[2..] : "?";
    }
}
