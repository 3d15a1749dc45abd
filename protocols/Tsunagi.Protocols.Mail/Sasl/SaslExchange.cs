using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>
/// The server side of one authentication (RFC 4422 section 3) as a pure machine: messages in, decisions out; no sockets, no clock, no store. Not thread-safe.
/// <list type="number">
/// <item><see cref="Begin"/> with the client's initial response, or without one.</item>
/// <item>After <see cref="SaslStepKind.Challenge"/> the response goes to <see cref="Handle"/>.</item>
/// <item>After <see cref="SaslStepKind.AskVerifier"/> the caller finds the verifier of <see cref="UserName"/> and calls <see cref="Answer"/>. For a name that nobody has it gives
/// a made-up verifier, the same for the same name, and <c>known</c> false: so the exchange goes on alike and costs alike, and fails.</item>
/// <item>Passed, Failed and Malformed end it.</item>
/// </list>
/// </summary>
public sealed class SaslExchange
{
    /// <summary>The only kind of channel binding that is offered: a hash of the server's certificate (RFC 5929 section 4).</summary>
    public const string EndPointBinding = "tls-server-end-point";

    private readonly SaslMechanism _mechanism;
    private readonly byte[]? _channel;
    private readonly string _serverNonce;
    private Stage _stage = Stage.Begin;
    private string? _secret;
    private string _identity = "";
    private ScramClientFirst? _first;
    private ScramVerifier? _verifier;
    private bool _known;
    private string _serverFirst = "";

    /// <summary>An exchange by one mechanism.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="endPointBinding">The hash of the server's certificate; null where the connection cannot be bound, and PLUS is not offered.</param>
    /// <param name="serverNonce">Printable random text without a comma, of 18 octets' worth or more.</param>
    public SaslExchange(SaslMechanism mechanism, ReadOnlySpan<byte> endPointBinding, string serverNonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ScramText.IsNonce(serverNonce), true, nameof(serverNonce));
        _mechanism = mechanism;
        _channel = endPointBinding.IsEmpty ? null : endPointBinding.ToArray();
        _serverNonce = serverNonce;
    }

    private enum Stage { Begin, Name, Secret, Verifier, Proof, Acknowledge, Ended }

    /// <summary>Who the client says it is, prepared; empty before it said so, and when what it said can be nobody's name.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>Begins the exchange.</summary>
    /// <param name="initial">The client's initial response, which may be empty.</param>
    /// <param name="hasInitial">False when it gave none; then it is asked.</param>
    public SaslStep Begin(ReadOnlySpan<byte> initial, bool hasInitial)
    {
        Expect(Stage.Begin);
        _stage = Stage.Name;
        if (hasInitial)
        {
            return Handle(initial);
        }

        return new SaslStep(SaslStepKind.Challenge, _mechanism == SaslMechanism.Login ? "Username:"u8.ToArray() : default);
    }

    /// <summary>Handles the response to a challenge, decoded from base64.</summary>
    public SaslStep Handle(ReadOnlySpan<byte> response)
    {
        switch (_stage)
        {
            case Stage.Name:
                return _mechanism switch
                {
                    SaslMechanism.Plain => Plain(response),
                    SaslMechanism.Login => LoginName(response),
                    _ => First(response),
                };
            case Stage.Secret:
                return LoginSecret(response);
            case Stage.Proof:
                return Final(response);
            case Stage.Acknowledge:
                // The server's proof was the last word; the client says nothing more (RFC 4954 section 4).
                return End(response.IsEmpty ? SaslStepKind.Passed : SaslStepKind.Malformed);
            default:
                throw new InvalidOperationException($"a response in stage {_stage} of the exchange");
        }
    }

    /// <summary>Settles <see cref="SaslStepKind.AskVerifier"/>.</summary>
    /// <param name="verifier">The verifier of the name, or a made-up one.</param>
    /// <param name="known">False for a made-up one.</param>
    public SaslStep Answer(ScramVerifier verifier, bool known)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        Expect(Stage.Verifier);
        _known = known && UserName.Length > 0;
        if (_first is null)
        {
            bool right = verifier.IsSecret(_secret!);
            return End(right && _known && IsItself(_identity) ? SaslStepKind.Passed : SaslStepKind.Failed);
        }

        // server-first-message = nonce "," salt "," iteration-count
        _verifier = verifier;
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={_first.Nonce}{_serverNonce},s={Convert.ToBase64String(verifier.Salt.Span)},i={verifier.Iterations}");
        _stage = Stage.Proof;
        return new SaslStep(SaslStepKind.Challenge, Encoding.ASCII.GetBytes(_serverFirst));
    }

    private SaslStep Plain(ReadOnlySpan<byte> response)
    {
        if (!PlainMessage.TryParse(response, out PlainMessage message))
        {
            return End(SaslStepKind.Malformed);
        }

        _identity = Encoding.UTF8.GetString(message.AuthorizationIdentity);
        return AskVerifier(message.UserName, message.Secret);
    }

    private SaslStep LoginName(ReadOnlySpan<byte> response)
    {
        if (response.Length is 0 or > SaslText.MaxOctets)
        {
            return End(SaslStepKind.Malformed);
        }

        UserName = Prepared(response);
        _stage = Stage.Secret;
        return new SaslStep(SaslStepKind.Challenge, "Password:"u8.ToArray());
    }

    private SaslStep LoginSecret(ReadOnlySpan<byte> response)
    {
        if (response.Length is 0 or > SaslText.MaxOctets)
        {
            return End(SaslStepKind.Malformed);
        }

        _secret = SecretOf(response);
        _stage = Stage.Verifier;
        return new SaslStep(SaslStepKind.AskVerifier);
    }

    private SaslStep AskVerifier(ReadOnlySpan<byte> name, ReadOnlySpan<byte> secret)
    {
        UserName = Prepared(name);
        _secret = SecretOf(secret);
        _stage = Stage.Verifier;
        return new SaslStep(SaslStepKind.AskVerifier);
    }

    private SaslStep First(ReadOnlySpan<byte> response)
    {
        if (!ScramClientFirst.TryParse(response, out ScramClientFirst? first))
        {
            return End(SaslStepKind.Malformed);
        }

        // RFC 5802 section 6: PLUS must be bound and the plain one must not; a client that could bind and was told that the server cannot has somebody in between.
        bool bound = first!.Binding == ScramBinding.Required;
        if (bound != (_mechanism == SaslMechanism.ScramSha256Plus) || (bound && first.BindingName != EndPointBinding) || (_channel is not null && first.Binding == ScramBinding.ClientOnly)
            || (bound && _channel is null))
        {
            return End(SaslStepKind.Failed);
        }

        _first = first;
        _identity = first.AuthorizationIdentity;
        UserName = Prepared(Encoding.UTF8.GetBytes(first.UserName));
        _stage = Stage.Verifier;
        return new SaslStep(SaslStepKind.AskVerifier);
    }

    private SaslStep Final(ReadOnlySpan<byte> response)
    {
        if (!ScramClientFinal.TryParse(response, out ScramClientFinal? final))
        {
            return End(SaslStepKind.Malformed);
        }

        byte[] header = Encoding.UTF8.GetBytes(_first!.Header);
        byte[] binding = _first.Binding == ScramBinding.Required ? [.. header, .. _channel!] : header;
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_first.Bare},{_serverFirst},{final!.WithoutProof}");
        bool right = _verifier!.IsProof(final.Proof.Span, authMessage);
        if (!right || !_known || !IsItself(_identity) || !CryptographicOperations.FixedTimeEquals(final.ChannelBinding.Span, binding)
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(final.Nonce), Encoding.ASCII.GetBytes(_first.Nonce + _serverNonce)))
        {
            return End(SaslStepKind.Failed);
        }

        // server-final-message = "v=" base64
        _stage = Stage.Acknowledge;
        return new SaslStep(SaslStepKind.Challenge, Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(_verifier.Sign(authMessage))));
    }

    // Nobody acts for somebody else here.
    private bool IsItself(string identity) => identity.Length == 0 || Prepared(Encoding.UTF8.GetBytes(identity)).Equals(UserName, StringComparison.OrdinalIgnoreCase);

    private static string Prepared(ReadOnlySpan<byte> text) => SaslText.TryPrepare(text, out string prepared) ? prepared : "";

    // What cannot be a secret is checked all the same, as one that nobody has: the refusal takes as long.
    private static string SecretOf(ReadOnlySpan<byte> text) => SaslText.TryPrepare(text, out string prepared) ? prepared : "\0";

    private SaslStep End(SaslStepKind kind)
    {
        _stage = Stage.Ended;
        return new SaslStep(kind);
    }

    private void Expect(Stage stage)
    {
        if (_stage != stage)
        {
            throw new InvalidOperationException($"the exchange is in stage {_stage}, not {stage}");
        }
    }
}
