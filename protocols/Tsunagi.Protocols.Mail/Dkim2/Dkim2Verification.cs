using System.Buffers;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>
/// Verifies the chain of one message (sections 9 and 10): (1) the fields are read and make a chain without gaps; (2) their times are judged; (3) the chain of
/// custody: the envelope fits the last hop, each hop's sender is of a domain the hop before sent to, and each signs for its own sender's domain; (4) every
/// signature of every hop is verified; (5) the hashes of the message as it is fit its last form.
/// </summary>
public sealed class Dkim2Verification
{
    private readonly SignedMessage _message;
    private readonly Dkim2Options _options;
    private readonly Dkim2Chain _chain;
    private readonly BodyHasher? _body;

    /// <summary>Step (1), before the body is given.</summary>
    public Dkim2Verification(SignedMessage message, Dkim2Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _options = options ?? Dkim2Options.Default;
        _chain = Dkim2Chain.Read(message.Header, _options);
        _body = _chain is { Problem: null, Instances.Count: > 0 } ? message.Want(Canonicalization.Simple, limit: null) : null;
    }

    /// <summary>Reads, hashes and judges a message that is all there.</summary>
    public static async ValueTask<Dkim2Result> VerifyAsync(
        ReadOnlySequence<byte> message, Dkim2Envelope? envelope, IMailDns dns, DateTimeOffset? now, Dkim2Options? options, CancellationToken cancellationToken)
    {
        using SignedMessage signed = SignedMessage.Read(message);
        var verification = new Dkim2Verification(signed, options);
        signed.AppendBodyOf(message);
        return await verification.CompleteAsync(envelope, dns, now, cancellationToken);
    }

    /// <summary>Steps (2) to (5).</summary>
    /// <param name="envelope">What was said in MAIL and RCPT; null when it is not known, so that it is not compared.</param>
    /// <param name="dns">Who answers.</param>
    /// <param name="now">The time; null to judge no times.</param>
    /// <param name="cancellationToken">Ends the verification with an exception.</param>
    public async ValueTask<Dkim2Result> CompleteAsync(Dkim2Envelope? envelope, IMailDns dns, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dns);
        _message.MustBeComplete();
        if (_chain.Problem is { } problem)
        {
            return Ended(Dkim2Verdict.PermError, problem);
        }

        if (_chain.Signatures.Count == 0)
        {
            return Ended(Dkim2Verdict.None, "the message carries no DKIM2 signature");
        }

        // (2) (3)
        if ((now is { } time ? BadTime(time) : null) is { } late)
        {
            return Ended(Dkim2Verdict.PermError, late);
        }

        if (Dkim2Custody.Problem([.. _chain.Signatures.Select(static s => s.Read)], envelope, _options) is { } custody)
        {
            return Ended(Dkim2Verdict.PermError, custody);
        }

        // (4)
        for (int i = 0; i < _chain.Signatures.Count; i++)
        {
            if (await BadSignatureAsync(i, dns, cancellationToken) is { } bad)
            {
                return bad;
            }
        }

        // (5)
        MessageInstance last = _chain.Instances[^1].Read;
        string what = $"{Dkim2Draft.InstanceField} m={last.Revision}";
        if (last.HeaderHash.IsEmpty)
        {
            return Ended(Dkim2Verdict.PermError, $"{what} has no hash that is known");
        }

        byte[] header = Dkim2Hash.OfHeader(_message.Header);
        if (!header.AsSpan().SequenceEqual(last.HeaderHash.Span))
        {
            return Ended(Dkim2Verdict.Fail, $"{what} header hash {Convert.ToBase64String(header)} mismatch");
        }

        return _body!.Hash.SequenceEqual(last.BodyHash.Span)
            ? Ended(Dkim2Verdict.Pass, $"signed by {_chain.Signatures[^1].Read.Domain}, {_chain.Signatures.Count} {(_chain.Signatures.Count == 1 ? "hop" : "hops")}")
            : Ended(Dkim2Verdict.Fail, $"{what} body hash {Convert.ToBase64String(_body.Hash)} mismatch");
    }

    private string? BadTime(DateTimeOffset now)
    {
        long seconds = now.ToUnixTimeSeconds();
        foreach ((_, Dkim2Signature signature) in _chain.Signatures)
        {
            if (signature.SignedAtSeconds < seconds - (long)_options.Lifetime.TotalSeconds)
            {
                return $"{Dkim2Draft.SignatureField} i={signature.Hop} signature expired";
            }

            if (signature.SignedAtSeconds > seconds + (long)_options.ClockSkew.TotalSeconds)
            {
                return $"{Dkim2Draft.SignatureField} i={signature.Hop} signature made in the future";
            }
        }

        return null;
    }

    // Section 10.6: every signature that can be checked must verify, and one at least must be checked.
    private async ValueTask<Dkim2Result?> BadSignatureAsync(int index, IMailDns dns, CancellationToken cancellationToken)
    {
        Dkim2Signature signature = _chain.Signatures[index].Read;
        string what = $"{Dkim2Draft.SignatureField} i={signature.Hop}";
        if (signature.Values.Length > _options.ValuesPerHop)
        {
            return Ended(Dkim2Verdict.PermError, $"{what} has more than {_options.ValuesPerHop} signatures");
        }

        byte[] hash = _chain.HashFor(index);
        int passed = 0;
        foreach (Dkim2Value value in signature.Values)
        {
            if (value.Algorithm == DkimAlgorithm.Unknown)
            {
                continue; // section 3.4
            }

            var asDkim = new DkimSignature
            {
                Algorithm = value.Algorithm, AlgorithmName = value.AlgorithmName, Domain = signature.Domain, Selector = value.Selector, Value = value.Value,
            };
            DkimResult result = await SignatureKeys.JudgeAsync(asDkim, hash, dns, _options.Keys with { RefusesSeveralKeys = true }, cancellationToken);
            if (result.Verdict != DkimVerdict.Pass)
            {
                return Ended(result, what, value);
            }

            passed++;
        }

        return passed > 0 ? null : Ended(Dkim2Verdict.PermError, $"{what} is signed with nothing that is known");
    }

    private Dkim2Result Ended(DkimResult failed, string what, Dkim2Value value) => failed switch
    {
        { Verdict: DkimVerdict.TempError } => Ended(Dkim2Verdict.TempError, $"{what} public key {value.Selector} could not be fetched"),
        { Verdict: DkimVerdict.Fail, IsWeakKey: false } or { Verdict: DkimVerdict.Fail, KeyBits: >= 1024 } => Ended(Dkim2Verdict.Fail, $"{what} public key {value.Selector} incorrect signature"),
        _ => Ended(Dkim2Verdict.PermError, $"{what} public key {value.Selector}: {failed.Reason}"),
    };

    private Dkim2Result Ended(Dkim2Verdict verdict, string reason)
    {
        bool broken = _chain.Problem is not null;
        var signatures = broken ? [] : _chain.Signatures.Select(static s => s.Read).ToList();
        return new Dkim2Result
        {
            Verdict = verdict,
            Reason = reason,
            Signatures = [.. signatures],
            Instances = broken ? [] : [.. _chain.Instances.Select(static i => i.Read)],
            IsModifiedAgainstRequest = signatures.Exists(asked => asked.Flags.Contains("donotmodify") && signatures.Exists(later => later.Revision > asked.Revision)),
            IsExplodedAgainstRequest = signatures.Exists(asked => asked.Flags.Contains("donotexplode") && signatures.Exists(later => later.Hop > asked.Hop && later.Flags.Contains("exploded"))),
        };
    }
}
