using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Host.Console.Entry;

/// <summary>Signing in by password, then code where the user has one; by a one-time link; and out.</summary>
internal static class EntryActs
{
    private const string CodeCookie = "code";
    private const string CodePath = "/sign-in";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenAct("/sign-in", WithPasswordAsync);
        routes.MapOpenAct("/sign-in/code", WithCodeAsync);
        routes.MapOpenAct("/link", SetPasswordAsync);
        routes.MapAct("/console/sign-out", null, OutAsync);
    }

    private static async ValueTask<ActResult> WithPasswordAsync(Act act)
    {
        var (email, password) = (act.Required("email", 254), act.Secret("password"));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var outcome = await act.Service<SignInDesk>().WithPasswordAsync(email, password, null, SessionPeer.Of(act.Http), act.CancellationToken);
        return Follow(act, outcome, act.Text("return", 2000));
    }

    private static async ValueTask<ActResult> WithCodeAsync(Act act)
    {
        if (Once.Read<Waiting>(act.Http, CodeCookie) is not { } waiting)
        {
            return act.Refused("", E.CodeTooLate);
        }

        var code = act.Required("code", 7).Replace(" ", "", StringComparison.Ordinal);
        return act.Ok
            ? Follow(act, await act.Service<SignInDesk>().WithCodeAsync(waiting.Token, code, SessionPeer.Of(act.Http), act.CancellationToken), waiting.Return)
            : act.Refused();
    }

    private static async ValueTask<ActResult> SetPasswordAsync(Act act)
    {
        var (token, password) = (act.Required("token"), act.Secret("password"));
        if (act.Secret("again") != password)
        {
            act.Wrong("again", act.View[E.NotTheSame]);
        }

        return act.Ok
            ? Follow(act, await act.Service<SignInDesk>().SetPasswordAsync(token, password, SessionPeer.Of(act.Http), act.CancellationToken), null)
            : act.Refused();
    }

    private static async ValueTask<ActResult> OutAsync(Act act)
    {
        var who = act.Http.GetSignedInCaller();
        await act.Service<Sessions>().RevokeAsync(who.Caller, who.UserId, who.CredentialId, act.CancellationToken);
        SessionCookie.Clear(act.Http);
        return act.Done("/sign-in", E.SignedOut);
    }

    private static ActResult Follow(Act act, SignInOutcome outcome, string? back)
    {
        if (outcome.Session is { } session)
        {
            SessionCookie.Set(act.Http, session);
            Once.Clear(act.Http, CodeCookie, CodePath);
            return act.Done(back is ['/', not ('/' or '\\'), ..] && !back.StartsWith("/sign-in", StringComparison.Ordinal) ? back : "/console");
        }

        if (outcome.CodeToken is { } token)
        {
            Once.Set(act.Http, CodeCookie, new Waiting(token, back), CodePath);
            return act.Done("/sign-in/code");
        }

        return Refuse(act, outcome.Refusal!);
    }

    // The sentences before sign-in are in the reader's language: here a stranger reads them.
    private static ActResult Refuse(Act act, Refusal refusal) => refusal.Code switch
    {
        "sign-in.wrong" => act.Refused("", E.WrongPair),
        "sign-in.code-wrong" => act.Refused("code", E.WrongCode),
        "sign-in.no-role" => act.Refused("", E.NoRole),
        "link.gone" => act.Refused("", E.LinkGoneHint),
        "sign-in.throttled" => Throttled(act, refusal.RetryAfterSeconds ?? 60),
        _ => act.Refused(refusal),
    };

    private static ActResult Throttled(Act act, int seconds)
    {
        act.Wrong("", act.View.Say(E.Throttled, seconds));
        return act.Refused();
    }

    /// <summary>Between password and code.</summary>
    private sealed record Waiting(string Token, string? Return);
}
