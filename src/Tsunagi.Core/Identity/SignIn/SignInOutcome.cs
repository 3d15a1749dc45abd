using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>
/// What signing in gave: a session; or, when the password was right and the user has one-time codes, a token to give the code with; or a refusal.
/// Exactly one is set.
/// </summary>
public sealed record SignInOutcome(NewSession? Session, string? CodeToken, Refusal? Refusal)
{
    public static implicit operator SignInOutcome(NewSession session) => new(session, null, null);

    public static implicit operator SignInOutcome(Refusal refusal) => new(null, null, refusal);

    public static SignInOutcome CodeWanted(string token) => new(null, token, null);
}
