using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Host.Console.Entry;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console.Account;

/// <summary>What a signed-in person does with the own account.</summary>
internal static class AccountActs
{
    public const string OfferCookie = "offer";
    private const string Settings = "/console/settings";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Settings + "/profile", null, ChangeProfileAsync);
        routes.MapAct(Settings + "/password", null, ChangePasswordAsync);
        routes.MapAct(Settings + "/authenticator", null, BeginFactorAsync);
        routes.MapAct(Settings + "/authenticator/confirm", null, ConfirmFactorAsync);
        routes.MapAct(Settings + "/authenticator/remove", null, RemoveFactorAsync);
        routes.MapAct(Settings + "/sessions/{id}/end", null, EndSessionAsync);
    }

    private static async ValueTask<ActResult> ChangeProfileAsync(Act act)
    {
        var change = new UserChange(act.Required("name"), act.OneOf("locale", "en", "ja"));
        if (!act.Ok)
        {
            return act.Refused();
        }

        // The account's language is the choice now; an older one of this browser steps back.
        act.Http.Response.Cookies.Delete(ConsoleView.LanguageCookie, new CookieOptions { Path = "/" });
        return Back(act, await act.Service<OwnAccount>().ChangeAsync(act.Http.GetSignedInCaller(), change, act.CancellationToken), A.Saved);
    }

    private static async ValueTask<ActResult> ChangePasswordAsync(Act act)
    {
        var (current, password) = (act.Secret("current"), act.Secret("password"));
        if (act.Secret("again") != password)
        {
            act.Wrong("again", act.View[E.NotTheSame]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        // The form has the new one under the service's name for the present one.
        var changed = await act.Service<OwnAccount>().ChangePasswordAsync(act.Http.GetSignedInCaller(), current, password, SessionPeer.Of(act.Http), act.CancellationToken);
        return changed is { Ok: false, Refusal: { Code: "password.wrong" } refusal } ? act.Refused(refusal with { Field = "current" }) : Back(act, changed, A.PasswordChanged);
    }

    private static async ValueTask<ActResult> BeginFactorAsync(Act act)
    {
        var password = act.Secret("password");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var offer = await act.Service<OwnAccount>().BeginTotpAsync(act.Http.GetSignedInCaller(), password, SessionPeer.Of(act.Http), act.CancellationToken);
        if (!offer.Ok)
        {
            return act.Refused(offer.Refusal);
        }

        Once.Set(act.Http, OfferCookie, offer.Value, Settings);
        return act.Done(Settings + "/authenticator");
    }

    private static async ValueTask<ActResult> ConfirmFactorAsync(Act act)
    {
        var code = act.Required("code", 7).Replace(" ", "", StringComparison.Ordinal);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var confirmed = await act.Service<OwnAccount>().ConfirmTotpAsync(act.Http.GetSignedInCaller(), code, SessionPeer.Of(act.Http), act.CancellationToken);
        if (confirmed.Ok)
        {
            Once.Clear(act.Http, OfferCookie, Settings);
        }

        return Back(act, confirmed, A.Confirmed);
    }

    private static async ValueTask<ActResult> RemoveFactorAsync(Act act)
    {
        var password = act.Secret("password");
        return act.Ok
            ? Back(act, await act.Service<OwnAccount>().RemoveTotpAsync(act.Http.GetSignedInCaller(), password, SessionPeer.Of(act.Http), act.CancellationToken), A.Removed)
            : act.Refused();
    }

    private static async ValueTask<ActResult> EndSessionAsync(Act act)
    {
        var who = act.Http.GetSignedInCaller();
        return Back(act, await act.Service<Sessions>().RevokeAsync(who.Caller, who.UserId, act.Route("id"), act.CancellationToken), A.SessionEnded);
    }

    private static ActResult Back<TValue>(Act act, Outcome<TValue> outcome, LocalizedText sentence) => outcome.Ok ? act.Done(Settings, sentence) : act.Refused(outcome.Refusal);
}
