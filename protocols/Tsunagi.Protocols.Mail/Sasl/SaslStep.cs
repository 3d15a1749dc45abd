namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>What the caller of <see cref="SaslExchange"/> does next.</summary>
public enum SaslStepKind
{
    /// <summary>Send <see cref="SaslStep.Challenge"/> (334 in SMTP) and give the response to <see cref="SaslExchange.Handle"/>.</summary>
    Challenge,
    /// <summary>Find the verifier of <see cref="SaslExchange.UserName"/>, then <see cref="SaslExchange.Answer"/>.</summary>
    AskVerifier,
    /// <summary>The client is who it says.</summary>
    Passed,
    /// <summary>The name or the secret is wrong, or the connection is not the one the client means.</summary>
    Failed,
    /// <summary>What the client sent is no message of the mechanism.</summary>
    Malformed,
}

/// <summary>One decision of an exchange.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Challenge">The octets to send, not yet in base64; empty for the other kinds.</param>
public readonly record struct SaslStep(SaslStepKind Kind, ReadOnlyMemory<byte> Challenge = default);
