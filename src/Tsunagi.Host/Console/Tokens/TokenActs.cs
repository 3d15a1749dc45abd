using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Host.Console.Users;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Host.Console.Tokens;

/// <summary>Making and revoking API tokens.</summary>
internal static class TokenActs
{
    private const string Write = "core.token.write";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/tokens", Write, MakeAsync);
        routes.MapAct("/console/tokens/{id}/revoke", Write, RevokeAsync);
    }

    private static async ValueTask<ActResult> MakeAsync(Act act)
    {
        var wanted = new NewApiToken(act.Required("name", 80), act.Many("permission"), null, (int)(act.Number("days", 1, 366) ?? 90));
        if (wanted.Permissions.Count == 0)
        {
            act.Wrong("permissions", act.View[UiTexts.Required]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<ApiTokens>().MakeAsync(act.Http.GetSignedInCaller(), wanted, act.CancellationToken);
        return made.Ok ? act.DoneOnce(U.TokenTitle, made.Value.Secret, U.TokenNote, "/console/tokens") : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> RevokeAsync(Act act)
    {
        var revoked = await act.Service<ApiTokens>().RevokeAsync(act.Caller, act.Route("id"), act.CancellationToken);
        return revoked.Ok ? act.Done("/console/tokens", U.Revoked) : act.Refused(revoked.Refusal);
    }
}
