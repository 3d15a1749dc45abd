using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Mail.Checks;

namespace Tsunagi.Mail.Pages;

/// <summary>
/// For senders whose mail was refused, without signing in: what the code in the refusal means and what helps, in both languages. Nothing of it is about one
/// message, and what was asked for is never shown back.
/// </summary>
internal static class WhyRefused
{
    public const string Path = "/why/mail/";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path + "{code}", Answer).AllowsAnyone().ExcludeFromDescription();

    private static IResult Answer(HttpContext http, string code)
    {
        var known = EvidenceCatalogue.Find(code);
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var english = known?.Tells.En ?? "The message was judged to be unwanted.";
        var japanese = known?.Tells.Ja ?? "迷惑メールと判定されました。";
        return Results.Text($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Why was my mail not taken?</title></head><body>
            <h1>Why was my mail not taken?</h1>
            <p>{HtmlEncoder.Default.Encode(english)}</p>
            <p>Tell the recipient's administrator the id (m_…) in the refusal: the message can be looked up by it, and the policy can be changed.</p>
            <section lang="ja"><h1>メールが受け取られなかった理由</h1>
            <p>{HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All).Encode(japanese)}</p>
            <p>拒否の通知にある番号(m_…)を受信側の管理者に伝えると、確認やポリシーの変更ができます。</p></section>
            </body></html>
            """, "text/html; charset=utf-8");
    }
}
