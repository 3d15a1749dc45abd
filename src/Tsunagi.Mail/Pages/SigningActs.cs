using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Signing;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the page of signing keys does.</summary>
internal static class SigningActs
{
    private const string Page = "/console/mail/signing";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Page + "/check", MailPermissions.SigningWrite, static act => DoAsync(
            act, static (desk, caller, domain, token) => desk.CheckAsync(caller, domain, token), new("The DNS was asked just now.", "DNSを確認しました。")));
        routes.MapAct(Page + "/rotate", MailPermissions.SigningWrite, static act => DoAsync(
            act, static (desk, caller, domain, token) => desk.RotateAsync(caller, domain, token), new("The next keys are made: publish their records.", "次の鍵を作成しました。レコードを公開してください。")));
    }

    private static async ValueTask<ActResult> DoAsync(
        Act act, Func<SigningDesk, Caller, string, CancellationToken, ValueTask<Outcome<IReadOnlyList<SigningKey>>>> ask, LocalizedText done)
    {
        var domain = act.Required("domain", 253);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var keys = await ask(act.Service<SigningDesk>(), act.Caller, domain, act.CancellationToken);
        return keys.Ok ? act.Done($"{Page}?domain={Uri.EscapeDataString(keys.Value[0].Domain)}", done) : act.Refused(keys.Refusal);
    }
}
