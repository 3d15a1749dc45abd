namespace Tsunagi.Core.Net.Tls;

/// <summary>What became of a STARTTLS; the session is there only when it was upgraded.</summary>
public readonly record struct StartTlsResult(StartTlsOutcome Outcome, TlsSession? Session);

/// <summary>See <see cref="StartTlsResult"/>.</summary>
public enum StartTlsOutcome
{
    Upgraded,

    /// <summary>Bytes lay behind the command: the peer tried to have plain text read as if it had come encrypted.</summary>
    InputBeforeHandshake,
    HandshakeFailed,
    DeadlinePassed,
}
