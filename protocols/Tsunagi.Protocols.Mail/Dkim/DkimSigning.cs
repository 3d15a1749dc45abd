using System.Buffers;
using System.Globalization;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// Signs one message (RFC 6376 section 5), with several keys at once where there are several: (1) the fields to be signed are chosen; (2) the body is
/// hashed while the message is given; (3) each key signs. Lines must end in CRLF already (section 5.3).
/// </summary>
public sealed class DkimSigning
{
    private readonly SignedMessage _message;
    private readonly DkimSigningOptions _options;
    private readonly BodyHasher _body;

    /// <summary>Step (1), before the body is given.</summary>
    public DkimSigning(SignedMessage message, DkimSigningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _options = options ?? DkimSigningOptions.Default;
        _body = message.Want(_options.BodyForm, limit: null);
    }

    /// <summary>Signs a message that is all there and gives the fields that are to stand on top of it.</summary>
    public static void Sign(
        in ReadOnlySequence<byte> message, IEnumerable<DkimSigner> signers, DkimSigningOptions? options, DateTimeOffset now, IBufferWriter<byte> output)
    {
        using SignedMessage signed = SignedMessage.Read(message);
        var signing = new DkimSigning(signed, options);
        signed.AppendBodyOf(message);
        signing.Complete(signers, now, output);
    }

    /// <summary>
    /// Step (3): writes one DKIM-Signature field for each signer, to be put on top of the message in that order. An <see cref="ArgumentException"/>, with nothing
    /// written, when a domain, a selector or the identity is none: they come from our own settings.
    /// </summary>
    public void Complete(IEnumerable<DkimSigner> signers, DateTimeOffset now, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(signers);
        ArgumentNullException.ThrowIfNull(output);
        _message.MustBeComplete();
        DkimSigner[] all = [.. signers];
        foreach (DkimSigner signer in all)
        {
            MustBeFit(signer, nameof(signers));
            if (_options.Identity is { } wanted && !IsIdentityOf(wanted, signer.Domain))
            {
                throw new ArgumentException($"signing for {signer.Domain}: the identity '{wanted}' is not within it", nameof(signers));
            }
        }

        IReadOnlyList<string> fields = Choose(_message.Header, _options);
        foreach (DkimSigner signer in all)
        {
            var tags = new List<(string, string)>
            {
                ("v", "1"),
                ("a", SignatureWriter.Name(signer.Key.Algorithm)),
                ("c", $"{SignatureWriter.Name(_options.HeaderForm)}/{SignatureWriter.Name(_options.BodyForm)}"),
                ("d", signer.Domain),
                ("s", signer.Selector),
            };
            if (_options.Identity is { } identity)
            {
                tags.Add(("i", identity));
            }

            tags.Add(("t", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
            if (_options.Lifetime is { } lifetime)
            {
                tags.Add(("x", (now + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
            }

            tags.Add(("h", string.Join(':', fields)));
            tags.Add(("bh", Convert.ToBase64String(_body.Hash)));
            tags.Add(("b", ""));
            string unsigned = SignatureWriter.Unsigned(DkimVerification.FieldName, tags);
            var hashed = new ArrayBufferWriter<byte>(4096);
            HeaderCanonicalizer.WriteSigned(_message.Header, fields, _options.HeaderForm, except: -1, hashed);
            byte[] signature = SignatureWriter.Sign(signer.Key, hashed, unsigned, _options.HeaderForm);
            SignatureWriter.WriteSigned(unsigned, DkimVerification.FieldName, signature, output);
        }
    }

    internal static void MustBeFit(DkimSigner signer, string parameter)
    {
        if (!signer.IsFit)
        {
            throw new ArgumentException($"signing with the key at '{signer.Selector}._domainkey.{signer.Domain}': that is no name of a key", parameter);
        }
    }

    // sig-i-tag = %x69 [FWS] "=" [FWS] [ Local-part ] "@" domain-name ; printable and without what ends a tag
    private static bool IsIdentityOf(string identity, string domain)
    {
        int at = identity.LastIndexOf('@');
        return at >= 0 && !identity.AsSpan().ContainsAnyExceptInRange('!', '~') && !identity.Contains(';', StringComparison.Ordinal)
            && MailDomain.IsHostName(identity[(at + 1)..]) && MailDomain.IsSameOrBelow(identity[(at + 1)..], domain);
    }

    /// <summary>The names for h=: each as often as it stands there, and once more where it is oversigned. From is always among them (RFC 6376 section 5.4).</summary>
    internal static IReadOnlyList<string> Choose(HeaderSection header, DkimSigningOptions options)
    {
        var names = new List<string>();
        foreach (string name in options.Fields.Union(options.Oversigned, StringComparer.OrdinalIgnoreCase).Union(["From"], StringComparer.OrdinalIgnoreCase))
        {
            int times = header.Find(name).Count + (options.Oversigned.Contains(name, StringComparer.OrdinalIgnoreCase) ? 1 : 0);
            bool isFrom = name.Equals("From", StringComparison.OrdinalIgnoreCase);
            names.AddRange(Enumerable.Repeat(name, Math.Max(times, isFrom ? 1 : 0)));
        }

        return names;
    }
}
