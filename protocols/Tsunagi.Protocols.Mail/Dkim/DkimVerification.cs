using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// Verifies the DKIM signatures of one message (RFC 6376 section 6): (1) each DKIM-Signature field from the top is read, up to the limit; (2) what their
/// bodies need is hashed while the message is given; (3) times are judged; (4) body hashes are compared; (5) the signed fields are hashed; (6) keys are
/// fetched and tried. A failed signature is no worse than none (section 6.1): the caller decides what a pass is worth.
/// </summary>
public sealed class DkimVerification
{
    internal const string FieldName = "DKIM-Signature";
    private readonly SignedMessage _message;
    private readonly DkimOptions _options;
    private readonly List<Pending> _pending = [];

    /// <summary>Steps (1) and (2), before the body is given.</summary>
    public DkimVerification(SignedMessage message, DkimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _options = options ?? DkimOptions.Default;
        foreach (int field in message.Header.Find(FieldName))
        {
            if (_pending.Count >= _options.Signatures)
            {
                _pending.Add(new Pending(field, SignatureKeys.Ended(null, DkimVerdict.Policy, $"only {_options.Signatures} signatures are verified")));
            }
            else if (message.Header.End == HeaderEnd.Limit)
            {
                _pending.Add(new Pending(field, SignatureKeys.Ended(null, DkimVerdict.PermError, "the header section is too long to be read")));
            }
            else if (!DkimSignature.TryParse(message.Header.Body(field), out DkimSignature? signature, out string reason))
            {
                _pending.Add(new Pending(field, SignatureKeys.Ended(null, DkimVerdict.PermError, $"the signature is malformed: {reason}")));
            }
            else if (!signature!.SignedFields.Contains("from", StringComparer.OrdinalIgnoreCase)) // RFC 6376 section 6.1.1
            {
                _pending.Add(new Pending(field, SignatureKeys.Ended(signature, DkimVerdict.PermError, "the signature does not cover From")));
            }
            else
            {
                _pending.Add(new Pending(field, null) { Signature = signature, Body = message.Want(signature.BodyForm, signature.BodyOctets) });
            }
        }
    }

    /// <summary>Signatures that were found, those beyond the limit too.</summary>
    public int Count => _pending.Count;

    /// <summary>Reads, hashes and judges a message that is all there.</summary>
    public static async ValueTask<ImmutableArray<DkimResult>> VerifyAsync(
        ReadOnlySequence<byte> message, IMailDns dns, DateTimeOffset now, DkimOptions? options, CancellationToken cancellationToken)
    {
        using SignedMessage signed = SignedMessage.Read(message);
        var verification = new DkimVerification(signed, options);
        signed.AppendBodyOf(message);
        return await verification.CompleteAsync(dns, now, cancellationToken);
    }

    /// <summary>Steps (3) to (6): one result for each signature, the topmost first; none for a message that is not signed.</summary>
    public async ValueTask<ImmutableArray<DkimResult>> CompleteAsync(IMailDns dns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dns);
        _message.MustBeComplete();
        var results = ImmutableArray.CreateBuilder<DkimResult>(_pending.Count);
        foreach (Pending pending in _pending)
        {
            results.Add(pending.Known ?? await JudgeAsync(pending, dns, now, cancellationToken));
        }

        return results.ToImmutable();
    }

    private async ValueTask<DkimResult> JudgeAsync(Pending pending, IMailDns dns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // (3) (4)
        DkimSignature signature = pending.Signature!;
        long unsigned = signature.BodyOctets is { } length ? pending.Body!.Octets - length : 0;
        DkimResult? known = BadTime(signature, now, _options) ?? BadBody(signature, pending.Body!);
        if (known is not null)
        {
            return known with { UnsignedOctets = Math.Max(0, unsigned) };
        }

        // (5)
        byte[] hash = HashHeader(_message.Header, pending.Field, signature);

        // (6)
        DkimResult result = await SignatureKeys.JudgeAsync(signature, hash, dns, _options, cancellationToken);
        return result with { UnsignedOctets = unsigned };
    }

    /// <summary>x= has passed, or t= has not come (RFC 6376 section 3.5).</summary>
    internal static DkimResult? BadTime(DkimSignature signature, DateTimeOffset now, DkimOptions options)
    {
        long seconds = now.ToUnixTimeSeconds();
        if (signature.ExpiresAtSeconds < seconds)
        {
            return SignatureKeys.Ended(signature, DkimVerdict.Fail, "the signature has expired");
        }

        return signature.SignedAtSeconds > seconds + (long)options.ClockSkew.TotalSeconds
            ? SignatureKeys.Ended(signature, DkimVerdict.Fail, "the signature was made in the future")
            : null;
    }

    internal static DkimResult? BadBody(DkimSignature signature, BodyHasher body)
    {
        if (signature.BodyOctets > body.Octets) // RFC 6376 section 3.5: l= must not be more than there is
        {
            return SignatureKeys.Ended(signature, DkimVerdict.Fail, "the body is shorter than what was signed");
        }

        return body.Hash.SequenceEqual(signature.BodyHash.Span) ? null : SignatureKeys.Ended(signature, DkimVerdict.Fail, "the body was changed");
    }

    internal static byte[] HashHeader(HeaderSection header, int field, DkimSignature signature)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        HeaderCanonicalizer.WriteSigned(header, signature.SignedFields, signature.HeaderForm, field, output);
        ReadOnlySpan<byte> raw = header.Raw(field);
        HeaderCanonicalizer.WriteUnsigned(raw, raw.Length - header.Body(field).Length, signature.Tags, signature.HeaderForm, output);
        return SHA256.HashData(output.WrittenSpan);
    }

    private sealed record Pending(int Field, DkimResult? Known)
    {
        public DkimSignature? Signature { get; init; }

        public BodyHasher? Body { get; init; }
    }
}
