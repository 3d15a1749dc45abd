using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Submission;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the pages of sending devices do. A secret that was made is shown once, on a page of its own.</summary>
internal static class CredentialActs
{
    private const string Page = "/console/mail/credentials";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Page, MailPermissions.CredentialWrite, MakeAsync);
        routes.MapAct(Page + "/{credential}/senders", MailPermissions.CredentialWrite, SendersAsync);
        routes.MapAct(Page + "/{credential}/secret", MailPermissions.CredentialWrite, SecretAsync);
        routes.MapAct(Page + "/{credential}/limits", MailPermissions.CredentialWrite, LimitsAsync);
        routes.MapAct(Page + "/{credential}/resume", MailPermissions.CredentialWrite, ResumeAsync);
        routes.MapAct(Page + "/{credential}/revoke", MailPermissions.CredentialWrite, RevokeAsync);
    }

    private static async ValueTask<ActResult> MakeAsync(Act act)
    {
        var wanted = new NewCredential(act.Required("subscriptionId", 40), act.Required("userName", 200), act.Text("label", 80), Lines(act.Text("senders", 4_000)));
        return act.Ok
            ? Shown(act, await act.Service<CredentialDesk>().MakeAsync(act.Caller, wanted, act.Text("secret", 128), act.CancellationToken), new("The credential is made.", "認証情報を発行しました。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> SendersAsync(Act act)
    {
        var senders = Lines(act.Required("senders", 4_000));
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<CredentialDesk>().SetSendersAsync(act.Caller, act.Route("credential"), senders, act.CancellationToken);
        return changed.Ok ? act.Done($"{Page}/{changed.Value.Id}", new("Saved.", "保存しました。")) : Refused(act, changed.Refusal);
    }

    private static async ValueTask<ActResult> SecretAsync(Act act)
    {
        var secret = act.Text("secret", 128);
        return act.Ok
            ? Shown(act, await act.Service<CredentialDesk>().SetSecretAsync(act.Caller, act.Route("credential"), secret, act.CancellationToken), new("The new secret is set.", "シークレットを変更しました。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> LimitsAsync(Act act)
    {
        var limit = SendingWords.Read(act, "");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<CredentialDesk>().SetLimitsAsync(act.Caller, act.Route("credential"), limit, act.CancellationToken);
        return changed.Ok ? act.Done($"{Page}/{changed.Value.Id}", new("Saved.", "保存しました。")) : Refused(act, changed.Refusal);
    }

    private static async ValueTask<ActResult> ResumeAsync(Act act)
    {
        var resumed = await act.Service<CredentialDesk>().ResumeAsync(act.Caller, act.Route("credential"), act.CancellationToken);
        return resumed.Ok ? act.Done($"{Page}/{resumed.Value.Id}", new("It sends again.", "送信を再開しました。")) : Refused(act, resumed.Refusal);
    }

    private static async ValueTask<ActResult> RevokeAsync(Act act)
    {
        var revoked = await act.Service<CredentialDesk>().RevokeAsync(act.Caller, act.Route("credential"), act.CancellationToken);
        return revoked.Ok ? act.Done(Page, new("It is revoked.", "失効しました。")) : Refused(act, revoked.Refusal);
    }

    private static ActResult Shown(Act act, Outcome<CredentialMade> made, LocalizedText done) =>
        !made.Ok ? Refused(act, made.Refusal)
        : made.Value.Secret is { } secret
            ? act.DoneOnce(
                new("The secret of the credential", "認証情報のシークレット"), secret,
                new("Put it into the device now: it is kept nowhere and not shown again.", "機器に設定してください。シークレットは保存されず、再表示できません。"), $"{Page}/{made.Value.Credential.Id}")
            : act.Done($"{Page}/{made.Value.Credential.Id}", done);

    private static ActResult Refused(Act act, Refusal refusal) =>
        refusal.Kind == RefusalKind.NotFound ? act.Missing(new("There is no such thing, or it is not yours to see.", "該当するものがないか、権限がありません。")) : act.Refused(refusal);

    private static string[] Lines(string? text) => (text ?? "").Split([' ', ',', ';', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
