using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>How a hop signs.</summary>
public sealed record Dkim2SigningOptions
{
    /// <summary>The defaults.</summary>
    public static Dkim2SigningOptions Default { get; } = new();

    /// <summary>f=: exploded, donotmodify, donotexplode, feedback, feedhere.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];

    /// <summary>n=, at most 64 characters that are no white space and no semicolon; null leaves it out.</summary>
    public string? Nonce { get; init; }

    /// <summary>The JSON of r=, from which the message as it came is made again; needed where the message was changed.</summary>
    public string? Recipe { get; init; }
}

/// <summary>
/// Signs one hop of a message (section 8): (1) the chain that stands there is read; (2) the body is hashed while the message is given, as it is passed on;
/// (3) where the message is new or was changed its form is recorded; (4) the hop is signed with each key.
/// </summary>
public sealed class Dkim2Signing
{
    private const int LineOctets = 72;
    private readonly SignedMessage _message;
    private readonly Dkim2Chain _chain;
    private readonly BodyHasher _body;

    /// <summary>Steps (1) and (2), before the body is given.</summary>
    public Dkim2Signing(SignedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _chain = Dkim2Chain.Read(message.Header, Dkim2Options.Default);
        _body = message.Want(Canonicalization.Simple, limit: null);
    }

    /// <summary>
    /// Steps (3) and (4). False, with nothing written, when the chain is broken, when the message was changed and no recipe is given, or when the keys are
    /// not of one domain.
    /// </summary>
    /// <param name="signers">Keys of one domain, each with a selector of its own.</param>
    /// <param name="envelope">What will be said in MAIL and RCPT. No blind recipient may stand beside another.</param>
    /// <param name="options">Flags, nonce and recipe.</param>
    /// <param name="now">The time of t=.</param>
    /// <param name="output">The signature and the form of the message, to be put on top of it in that order.</param>
    /// <param name="reason">Why not.</param>
    public bool TryComplete(IReadOnlyList<DkimSigner> signers, Dkim2Envelope envelope, Dkim2SigningOptions? options, DateTimeOffset now, IBufferWriter<byte> output, out string reason)
    {
        ArgumentNullException.ThrowIfNull(signers);
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(output);
        _message.MustBeComplete();
        options ??= Dkim2SigningOptions.Default;
        if (signers.Count == 0 || signers.Any(signer => signer.Domain != signers[0].Domain || !signer.IsFit))
        {
            return Refuse("the keys are not of one domain", out reason);
        }

        if (_chain.Problem is { } problem)
        {
            return Refuse(problem, out reason);
        }

        if (options.Nonce is { } nonce && (nonce.Length > Dkim2Signature.MostNonce || nonce.AsSpan().ContainsAnyExceptInRange('!', '~') || nonce.Contains(';', StringComparison.Ordinal)))
        {
            return Refuse("the nonce is none", out reason);
        }

        // (3)
        if (!TryRecord(options.Recipe, out string instance, out int revision, out reason))
        {
            return false;
        }

        // (4)
        int hop = _chain.Signatures.Count + 1;
        string Tags(Func<DkimSigner, string> value) => string.Join("; ", (string[])
        [
            $"i={hop}", $"m={revision}", $"t={now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}", $"d={signers[0].Domain}",
            .. options.Nonce is null ? [] : (string[])[$"n={options.Nonce}"],
            $"mf={Path(envelope.MailFrom)}", $"rt={string.Join(',', envelope.Recipients.Select(Path))}",
            .. options.Flags.IsDefaultOrEmpty ? [] : (string[])[$"f={string.Join(',', options.Flags)}"],
            $"s={string.Join(',', signers.Select(signer => $"{signer.Selector}:{SignatureWriter.Name(signer.Key.Algorithm)}:{value(signer)}"))};",
        ]);
        var signed = new StringBuilder(2048);
        _chain.WriteBefore(signed, revision, _chain.Signatures.Count, instance.Length == 0 ? "" : Dkim2Tags.Signed(Dkim2Draft.InstanceField, Encoding.UTF8.GetBytes(instance)));
        signed.Append(Dkim2Tags.Signed(Dkim2Draft.SignatureField, Encoding.UTF8.GetBytes(Tags(static _ => ""))));
        byte[] hash = SHA256.HashData(Encoding.Latin1.GetBytes(signed.ToString()));
        output.Write(Encoding.UTF8.GetBytes(Folded(Dkim2Draft.SignatureField, Tags(signer => Convert.ToBase64String(signer.Key.Sign(hash))))));
        output.Write(Encoding.UTF8.GetBytes(instance.Length == 0 ? "" : Folded(Dkim2Draft.InstanceField, instance)));
        return true;
    }

    private bool TryRecord(string? recipe, out string instance, out int revision, out string reason)
    {
        instance = "";
        reason = "";
        revision = _chain.Instances.Count;
        byte[] header = Dkim2Hash.OfHeader(_message.Header);
        if (revision > 0 && _chain.Instances[^1].Read is { } last && header.AsSpan().SequenceEqual(last.HeaderHash.Span) && _body.Hash.SequenceEqual(last.BodyHash.Span))
        {
            return true;
        }

        if (recipe is null ? revision > 0 : !MessageRecipe.TryParse(Encoding.UTF8.GetBytes(recipe), out _))
        {
            return Refuse(recipe is null ? "the message was changed, and how to undo that is not told" : "the recipe is none", out reason);
        }

        revision++;
        instance = $"m={revision}; h=sha256:{Convert.ToBase64String(header)}:{Convert.ToBase64String(_body.Hash)};"
            + (recipe is null ? "" : $" r={Convert.ToBase64String(Encoding.UTF8.GetBytes(recipe))};");
        return true;
    }

    private static string Path(string path) => Convert.ToBase64String(Encoding.UTF8.GetBytes(path.StartsWith('<') ? path : $"<{path}>"));

    // Folds stand between tags, behind colons and commas, and within what is still too long for a line: white space is not signed.
    private static string Folded(string name, string tags)
    {
        var text = new StringBuilder(tags.Length + 128).Append(name).Append(':');
        int lineStart = 0;
        int Room() => LineOctets - (text.Length - lineStart);
        void Fold()
        {
            text.Append("\r\n");
            lineStart = text.Length;
            text.Append(' ');
        }

        foreach (string tag in tags.Split(' '))
        {
            string before = " ";
            for (int at = 0; at < tag.Length;)
            {
                int end = tag.AsSpan(at).IndexOfAny(':', ',');
                int length = end < 0 ? tag.Length - at : end + 1;
                if (before.Length + length > Room() && Room() < LineOctets - 1)
                {
                    Fold();
                    before = "";
                }

                length = Math.Min(length, Room() - before.Length);
                text.Append(before).Append(tag.AsSpan(at, length));
                before = "";
                at += length;
            }
        }

        return text.Append("\r\n").ToString();
    }

    private static bool Refuse(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
