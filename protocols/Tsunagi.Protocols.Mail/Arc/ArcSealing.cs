using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Arc;

/// <summary>How a set is made.</summary>
public sealed record ArcSealingOptions
{
    /// <summary>The defaults.</summary>
    public static ArcSealingOptions Default { get; } = new();

    /// <summary>
    /// Fields the message signature covers where they stand in the message, each as often as it does; DKIM-Signature among them
    /// (RFC 8617 section 4.1.2). ARC fields and Authentication-Results have no place there.
    /// </summary>
    public ImmutableArray<string> Fields { get; init; } = [.. DkimSigningOptions.Default.Fields, DkimVerification.FieldName];

    /// <summary>Fields that are named once more than they stand there; see <see cref="DkimSigningOptions.Oversigned"/>.</summary>
    public ImmutableArray<string> Oversigned { get; init; } = [];

    /// <summary>h= as it is to stand there, whatever the message holds; empty to choose by the two lists.</summary>
    public ImmutableArray<string> ExactFields { get; init; } = [];

    /// <summary>Lines are folded; false puts each field on one line, as test suites compare them.</summary>
    public bool IsFolded { get; init; } = true;
}

/// <summary>
/// Adds a set to the chain of a message that is passed on (RFC 8617 section 5.1): (1) the chain that stands there is read; (2) the body is hashed while the
/// message is given, as it is passed on; (3) what we found, the message signature and the seal are written, to stand on top of the message.
/// </summary>
public sealed class ArcSealing
{
    private const int MostSets = 50;
    private readonly SignedMessage _message;
    private readonly ArcSealingOptions _options;
    private readonly ArcChain _chain;
    private readonly BodyHasher _body;

    /// <summary>Steps (1) and (2), before the body is given.</summary>
    public ArcSealing(SignedMessage message, ArcSealingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _options = options ?? ArcSealingOptions.Default;
        foreach (string name in _options.Fields.Concat(_options.Oversigned).Concat(_options.ExactFields))
        {
            if (name.StartsWith("ARC-", StringComparison.OrdinalIgnoreCase) || name.Equals(AuthenticationResults.FieldName, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"an ARC message signature does not cover {name}", nameof(options));
            }
        }

        _chain = ArcChain.Read(message.Header, MostSets);
        _body = message.Want(Canonicalization.Relaxed, limit: null);
    }

    /// <summary>
    /// Step (3). False, with nothing written, when no set may be added: the chain is full, or its last seal says that it failed before.
    /// </summary>
    /// <param name="signer">Who seals.</param>
    /// <param name="chain">What <see cref="ArcVerification"/> found as the message came in.</param>
    /// <param name="results">What was found of the message: the authserv-id is ours.</param>
    /// <param name="now">The time of t=.</param>
    /// <param name="output">Seal, message signature and results, in that order.</param>
    public bool TryComplete(DkimSigner signer, ArcResult chain, AuthenticationResults results, DateTimeOffset now, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(output);
        _message.MustBeComplete();
        DkimSigning.MustBeFit(signer, nameof(signer));
        int instance = chain.LastInstance + 1;
        if (instance > MostSets || chain.IsClosed)
        {
            return false;
        }

        string number = instance.ToString(CultureInfo.InvariantCulture);
        string time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] resultsField = Encoding.UTF8.GetBytes(results.ToField(ArcChain.ResultsName, $"i={number}; "));
        byte[] messageField = Sign(ArcChain.MessageName, signer, MessageTags(signer, number, time), hashed =>
            HeaderCanonicalizer.WriteSigned(_message.Header, Choose(), Canonicalization.Relaxed, except: -1, hashed));

        // A chain that failed is sealed alone: what stands before is not worth to be signed (section 5.1.1).
        string status = chain.Verdict switch { ArcVerdict.None => "none", ArcVerdict.Pass => "pass", _ => "fail" };
        byte[] sealField = Sign(ArcChain.SealName, signer, SealTags(signer, number, time, status), hashed =>
        {
            ArcVerification.WriteSets(_message.Header, status == "fail" ? [] : _chain.Sets, hashed);
            HeaderCanonicalizer.Write(resultsField.AsSpan()[..^2], Canonicalization.Relaxed, hashed);
            HeaderCanonicalizer.Write(messageField.AsSpan()[..^2], Canonicalization.Relaxed, hashed);
        });
        output.Write(sealField);
        output.Write(messageField);
        output.Write(resultsField);
        return true;
    }

    // The tags of both fields stand in alphabetical order.
    private IReadOnlyList<(string, string)> MessageTags(DkimSigner signer, string instance, string time) =>
    [
        ("a", SignatureWriter.Name(signer.Key.Algorithm)), ("b", ""), ("bh", Convert.ToBase64String(_body.Hash)), ("c", "relaxed/relaxed"),
        ("d", signer.Domain), ("h", string.Join(':', Choose())), ("i", instance), ("s", signer.Selector), ("t", time),
    ];

    private static IReadOnlyList<(string, string)> SealTags(DkimSigner signer, string instance, string time, string status) =>
    [
        ("a", SignatureWriter.Name(signer.Key.Algorithm)), ("b", ""), ("cv", status), ("d", signer.Domain), ("i", instance), ("s", signer.Selector), ("t", time),
    ];

    private IReadOnlyList<string> Choose() => !_options.ExactFields.IsDefaultOrEmpty
        ? _options.ExactFields
        : DkimSigning.Choose(_message.Header, new DkimSigningOptions { Fields = _options.Fields, Oversigned = _options.Oversigned });

    private byte[] Sign(string name, DkimSigner signer, IReadOnlyList<(string, string)> tags, Action<ArrayBufferWriter<byte>> hash)
    {
        string unsigned = SignatureWriter.Unsigned(name, tags, _options.IsFolded);
        var hashed = new ArrayBufferWriter<byte>(4096);
        hash(hashed);
        byte[] signature = SignatureWriter.Sign(signer.Key, hashed, unsigned, Canonicalization.Relaxed);
        var field = new ArrayBufferWriter<byte>(1024);
        SignatureWriter.WriteSigned(unsigned, name, signature, field, _options.IsFolded);
        return field.WrittenSpan.ToArray();
    }
}
