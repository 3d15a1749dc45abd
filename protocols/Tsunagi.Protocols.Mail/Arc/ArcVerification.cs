using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Arc;

/// <summary>
/// Verifies the Authenticated Received Chain of one message (RFC 8617 section 5.2): (1) the sets are brought together; (2) a chain that its last seal says
/// has failed has failed; (3) the structure is checked: one field of each kind for 1 to N, cv=none first and cv=pass behind; (4) the last message
/// signature is verified; (5) on demand the earlier ones, to tell since when the message is unchanged; (6) every seal from N to 1; (7) the chain passes.
/// </summary>
public sealed class ArcVerification
{
    private readonly SignedMessage _message;
    private readonly ArcOptions _options;
    private readonly ArcChain _chain;
    private readonly (DkimSignature Signature, BodyHasher Body)[][] _readings;

    /// <summary>Step (1), before the body is given.</summary>
    public ArcVerification(SignedMessage message, ArcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _options = options ?? ArcOptions.Default;
        _chain = ArcChain.Read(message.Header, _options.Sets);
        _readings = new (DkimSignature, BodyHasher)[_chain.Sets.Count][];
        for (int i = _options.FindsOldestPass ? 0 : Math.Max(0, _readings.Length - 1); i < _readings.Length; i++)
        {
            if (i < _readings.Length - 1 && !IsWholeAt(i))
            {
                continue;
            }

            _readings[i] = [.. Readings(_chain.Sets[i].Message).Select(read => (read, message.Want(read.BodyForm, read.BodyOctets)))];
        }
    }

    /// <summary>Reads, hashes and judges a message that is all there.</summary>
    public static async ValueTask<ArcResult> VerifyAsync(
        ReadOnlySequence<byte> message, IMailDns dns, DateTimeOffset now, ArcOptions? options, CancellationToken cancellationToken)
    {
        using SignedMessage signed = SignedMessage.Read(message);
        var verification = new ArcVerification(signed, options);
        signed.AppendBodyOf(message);
        return await verification.CompleteAsync(dns, now, cancellationToken);
    }

    /// <summary>Steps (2) to (7).</summary>
    public async ValueTask<ArcResult> CompleteAsync(IMailDns dns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dns);
        _message.MustBeComplete();
        if (_chain.Problem is { } problem)
        {
            return Ended(ArcVerdict.Fail, problem);
        }

        if (_chain.Sets.Count == 0)
        {
            return Ended(ArcVerdict.None, "the message carries no chain");
        }

        // (2)
        IReadOnlyList<ArcChain.Places> sets = _chain.Sets;
        if (sets[^1].Seal.ChainStatus == "fail")
        {
            return Ended(ArcVerdict.Fail, $"the seal of instance {sets.Count} says that the chain had failed") with { IsClosed = true };
        }

        // (3)
        for (int i = 0; i < sets.Count; i++)
        {
            string wanted = i == 0 ? "none" : "pass";
            if (sets[i].Seal.ChainStatus != wanted)
            {
                return Ended(ArcVerdict.Fail, $"the seal of instance {i + 1} says cv={sets[i].Seal.ChainStatus}");
            }
        }

        // (4)
        DkimResult last = await VerifyMessageAsync(sets.Count - 1, dns, now, cancellationToken);
        if (last.Verdict != DkimVerdict.Pass)
        {
            return Ended(last, $"the message signature of instance {sets.Count}");
        }

        // (5)
        int? oldest = _options.FindsOldestPass ? await FindOldestAsync(dns, now, cancellationToken) : null;

        // (6)
        for (int i = sets.Count - 1; i >= 0; i--)
        {
            byte[] hash = HashSeal(i);
            DkimResult seal = await SignatureKeys.JudgeAsync(sets[i].Seal, hash, dns, _options.Keys, cancellationToken);
            if (seal.Verdict != DkimVerdict.Pass)
            {
                return Ended(seal, $"the seal of instance {i + 1}");
            }
        }

        // (7)
        return Ended(ArcVerdict.Pass, $"sealed {(sets.Count == 1 ? "once" : $"{sets.Count} times")}, last by {sets[^1].Seal.Domain}") with { OldestPass = oldest };
    }

    /// <summary>
    /// Writes what a seal signs (RFC 8617 section 5.1.1): the sets in their order, each as results, message signature, seal, all in the relaxed form; the
    /// seal itself follows with b= emptied.
    /// </summary>
    internal static void WriteSets(HeaderSection header, IEnumerable<ArcChain.Places> sets, ArrayBufferWriter<byte> output)
    {
        foreach (ArcChain.Places set in sets)
        {
            HeaderCanonicalizer.Write(header.Raw(set.ResultsField), Canonicalization.Relaxed, output);
            HeaderCanonicalizer.Write(header.Raw(set.MessageField), Canonicalization.Relaxed, output);
            HeaderCanonicalizer.Write(header.Raw(set.SealField), Canonicalization.Relaxed, output);
        }
    }

    private async ValueTask<DkimResult> VerifyMessageAsync(int index, IMailDns dns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArcChain.Places set = _chain.Sets[index];
        if (set.Message.SignedFields.Contains(ArcChain.SealName, StringComparer.OrdinalIgnoreCase)) // RFC 8617 section 4.1.2
        {
            return SignatureKeys.Ended(set.Message, DkimVerdict.PermError, "it covers a seal");
        }

        if (!set.Message.SignedFields.Contains("From", StringComparer.OrdinalIgnoreCase)) // RFC 6376 section 6.1.1
        {
            return SignatureKeys.Ended(set.Message, DkimVerdict.PermError, "it does not cover From");
        }

        DkimResult? result = DkimVerification.BadTime(set.Message, now, _options.Keys);
        if (result is not null)
        {
            return result;
        }

        foreach ((DkimSignature read, BodyHasher body) in _readings[index])
        {
            result = DkimVerification.BadBody(read, body)
                ?? await SignatureKeys.JudgeAsync(read, DkimVerification.HashHeader(_message.Header, set.MessageField, read), dns, _options.Keys, cancellationToken);
            if (result.Verdict != DkimVerdict.Fail)
            {
                break;
            }
        }

        return result!;
    }

    // Without c= the forms are simple, by RFC 6376 section 3.5; signers made before RFC 8617 meant relaxed. A signature fits only what was signed, so
    // trying both takes nothing away.
    private static IEnumerable<DkimSignature> Readings(DkimSignature signature) => signature.Tags["c"] is not null
        ? [signature]
        : [signature, signature with { HeaderForm = Canonicalization.Relaxed, BodyForm = Canonicalization.Relaxed }];

    // Of the earlier signatures those with l= do not count: they do not say that the message is unchanged, and each would cost a hash of its own.
    private bool IsWholeAt(int index) => _chain.Sets[index].Message.BodyOctets is null;

    private async ValueTask<int> FindOldestAsync(IMailDns dns, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (int i = _chain.Sets.Count - 2; i >= 0; i--)
        {
            if (!IsWholeAt(i) || (await VerifyMessageAsync(i, dns, now, cancellationToken)).Verdict != DkimVerdict.Pass)
            {
                return i + 2;
            }
        }

        return 0;
    }

    private byte[] HashSeal(int index)
    {
        HeaderSection header = _message.Header;
        ArcChain.Places set = _chain.Sets[index];
        var output = new ArrayBufferWriter<byte>(8192);
        WriteSets(header, _chain.Sets.Take(index), output);
        HeaderCanonicalizer.Write(header.Raw(set.ResultsField), Canonicalization.Relaxed, output);
        HeaderCanonicalizer.Write(header.Raw(set.MessageField), Canonicalization.Relaxed, output);
        ReadOnlySpan<byte> raw = header.Raw(set.SealField);
        HeaderCanonicalizer.WriteUnsigned(raw, raw.Length - header.Body(set.SealField).Length, set.Seal.Tags, Canonicalization.Relaxed, output);
        return SHA256.HashData(output.WrittenSpan);
    }

    private ArcResult Ended(DkimResult failed, string what) =>
        Ended(failed.Verdict == DkimVerdict.TempError ? ArcVerdict.TempError : ArcVerdict.Fail, $"{what} does not verify: {failed.Reason}");

    private ArcResult Ended(ArcVerdict verdict, string reason) => new()
    {
        Verdict = verdict,
        Reason = reason,
        LastInstance = _chain.LastInstance,
        Sets = [.. _chain.Sets.Select((set, i) => new ArcSet(i + 1, set.Results, set.Message, set.Seal))],
    };
}
