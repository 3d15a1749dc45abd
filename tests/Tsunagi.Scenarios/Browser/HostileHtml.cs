using System.Text;

namespace Tsunagi.Scenarios.Browser;

/// <summary>
/// HTML mails that try to run script or to reach out when somebody looks at them, each in a way of its own: the forms that filters of HTML are known to have missed. A script that runs sets a global and speaks in the
/// console; everything that is fetched is fetched from a port of loopback where nobody listens.
/// </summary>
/// <param name="Name">What it tries.</param>
/// <param name="Type">The content type a browser is told when the mail is shown raw.</param>
internal sealed record HostileHtml(string Name, string Type, byte[] Body, string Content)
{
    public const string Global = "__ran";
    private const string Run = "window.__ran=1,console.log(/RAN/)";
    private const string Away = "http://127.0.0.1:9/";

    private static readonly string[] Script =
    [
        $"<script>{Run}</script>", $"<ScRiPt>{Run}</sCrIpT >", $"<script/x>{Run}</script>", $"<script\n>{Run}</script\n>", $"<script src={Away}s.js></script>", $"<script type=module>{Run}</script>", $"<script async defer src=//127.0.0.1:9/s.js></script>",
        $"<script>{Run}", $"<<script>{Run}//<</script>", $"<script src=data:text/javascript,{Run}></script>", $"<script>/*<!--*/{Run}/*-->*/</script>", $"<svg><script>{Run}</script></svg>", $"<svg><script href=data:text/javascript,{Run} /></svg>",
        $"<svg><script>{Run.Replace("=", "&#61;", StringComparison.Ordinal)}</script></svg>", $"<div><template shadowrootmode=open><script>{Run}</script></template></div>", $"<script>eval(atob('{Convert.ToBase64String(Encoding.ASCII.GetBytes(Run))}'))</script>",
    ];

    private static readonly string[] Handlers =
    [
        $"<img src=x onerror={Run}>", $"<img src=x oNeRrOr=\"{Run}\">", $"<img/src=x/onerror={Run}>", $"<img src=x onerror\n=\n\"{Run}\">", $"<img src=x onerror=&#119;indow.__ran=1>", $"<body onload={Run}>x", $"<body onpageshow={Run}>x", $"<svg onload={Run}>", $"<svg/onload={Run}>",
        $"<svg><animate onbegin={Run} attributeName=x dur=1s>", $"<svg><set onbegin={Run} attributename=x>", $"<input autofocus onfocus={Run}>", $"<select autofocus onfocus={Run}>", $"<textarea autofocus onfocus={Run}></textarea>", $"<button autofocus onfocus={Run}>x</button>",
        $"<details open ontoggle={Run}>x</details>", $"<video><source onerror={Run}></video>", $"<video src=x onerror={Run}></video>", $"<audio src=x onerror={Run}></audio>", $"<object data=x onerror={Run}></object>", $"<link rel=stylesheet href=x onerror={Run}>", $"<style onload={Run}></style>",
        $"<iframe onload={Run}></iframe>", $"<marquee onstart={Run}>x</marquee>", $"<x contenteditable autofocus onfocus={Run}>x", $"<a href=# autofocus tabindex=1 onfocus={Run}>x</a>", $"<div style='animation:a 1ms' onanimationstart={Run}>x</div><style>@keyframes a{{}}</style>", $"<form><input autofocus onfocus={Run} formaction=x></form>",
        $"<picture><source srcset=x><img src=x onerror={Run}></picture>",
    ];

    private static readonly string[] Addresses =
    [
        $"<iframe src=\"javascript:parent.__ran=1\"></iframe>", $"<iframe src=\"jav&#x09;ascript:parent.__ran=1\"></iframe>", $"<iframe srcdoc=\"<script>parent.__ran=1</script>\"></iframe>", $"<iframe srcdoc=\"&lt;img src=x onerror=parent.__ran=1&gt;\"></iframe>",
        $"<iframe src=\"data:text/html,<script>fetch('{Away}d')</script>\"></iframe>", $"<object data=\"data:text/html,<img src={Away}o>\"></object>", $"<embed src=\"data:text/html,<img src={Away}e>\">", $"<embed src={Away}e>", $"<object data={Away}o></object>", $"<iframe src={Away}i></iframe>",
        $"<frameset><frame src={Away}fr></frameset>", $"<meta http-equiv=refresh content=\"0;url={Away}m\">", $"<meta http-equiv=\"refresh\" content=\"0; url=javascript:{Run}\"><img src={Away}mj>", $"<base href={Away}><img src=b>", $"<a href=javascript:{Run} ping={Away}p>x</a><img src={Away}a>",
        $"<form action={Away}f method=post id=f><input name=q></form><button form=f formaction=javascript:{Run}>x</button><img src={Away}f>", $"<img src={Away}t.gif width=1 height=1>", $"<img srcset=\"{Away}t1 1x, {Away}t2 2x\">", $"<picture><source srcset={Away}pic><img></picture>", $"<input type=image src={Away}in>",
        $"<video poster={Away}po></video>", $"<video autoplay muted src={Away}v></video>", $"<audio autoplay src={Away}au></audio>", $"<video src={Away}v2 preload=auto crossorigin><track default src={Away}tr></video>", $"<body background={Away}bg>x", $"<table background={Away}tb><tr><td background={Away}td>x</table>", $"<svg><image href={Away}si /></svg>",
        $"<svg><image xlink:href={Away}sx /></svg>", $"<svg><use href={Away}u#x /></svg>", $"<svg><filter id=f><feImage href={Away}fe /></filter><rect filter=url(#f) width=9 height=9 /></svg>",
    ];

    private static readonly string[] Styles =
    [
        $"<link rel=stylesheet href={Away}c.css>", $"<link rel=preload as=image href={Away}pre><img src={Away}pre>", $"<link rel=prefetch href={Away}pf><img src={Away}pf>", $"<link rel=dns-prefetch href=//127.0.0.1:9><img src={Away}dp>", $"<link rel=preconnect href={Away}><img src={Away}pc>", $"<link rel=modulepreload href={Away}mp>",
        $"<link rel=icon href={Away}ic><img src={Away}ic>", $"<link rel=import href={Away}im><img src={Away}im>", $"<style>@import '{Away}i.css';</style>", $"<style>@import url({Away}i2.css);</style>", $"<style>body{{background:url({Away}bu)}}</style>x", $"<div style=\"background:url({Away}ds)\">x</div>", $"<div style=\"background:u\\72l({Away}es)\">x</div>",
        $"<div style=\"background-image:image-set('{Away}is' 1x)\">x</div>", $"<style>@font-face{{font-family:f;src:url({Away}ff)}}body{{font-family:f}}</style>x", $"<div style=\"width:expression({Run});list-style:url({Away}ls);display:list-item\">x</div>", $"<style>@charset 'utf-7';</style><img src={Away}ch>", $"<div style=\"content:url({Away}co)\">x</div>", $"<div style=\"cursor:url({Away}cu),auto;border-image:url({Away}bi)\">x</div>",
    ];

    // What one parser takes for text and the next for markup.
    private static readonly string[] Confusions =
    [
        $"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={Run}&gt;\"></table><img src=x onerror={Run}>", $"<svg></p><style><a id=\"</style><img src=x onerror={Run}>\">", $"<noscript><p title=\"</noscript><img src=x onerror={Run}>\">", $"<form><math><mtext></form><form><mglyph><style></math><img src onerror={Run}>",
        $"<svg><style><img src=x onerror={Run}></style></svg>", $"<math><annotation-xml encoding=text/html><img src=x onerror={Run}></annotation-xml></math>", $"<svg><foreignObject><img src=x onerror={Run}></foreignObject></svg>", $"<svg><desc><img src=x onerror={Run}></desc></svg>", $"<!--><img src=x onerror={Run}>-->", $"<!--!><img src=x onerror={Run}>--!><img src=x onerror={Run}>",
        $"<![CDATA[<img src=x onerror={Run}>]]>", $"<svg><![CDATA[><img src=x onerror={Run}>]]></svg>", $"<?xml version=1.0?><img src=x onerror={Run}>", $"<!doctype x [<!entity a \"b\">]><img src=x onerror={Run}>", $"<textarea></textarea><img src=x onerror={Run}>", $"<title></title><img src=x onerror={Run}>", $"<xmp></xmp><img src=x onerror={Run}>", $"<plaintext/><img src=x>",
        $"<template><img src=x onerror={Run}></template><img src=x onerror={Run}>", $"<table><tr><td><a title='</td></table><img src=x onerror={Run}>'></table><img src=x onerror={Run}>", $"</pre></div></section></main></body></html><img src=x onerror={Run}>", $"<im\0g src=x onerror={Run}><img src=x onerror={Run}>", $"<scr\0ipt>{Run}</script><script>{Run}</script>", $"<img src=x one\0rror={Run} onerror={Run}>",
        $"<div id=x hx-get={Away} hx-trigger=load hx-on:load={Run} data-act data-dialog=x></div><img src={Away}hx>", $"\u202e<img src=x onerror={Run}>\u202c", $"<a><b><i><u><img src=x onerror={Run}><table><a>", $"<img src=\"x\" title=\"&quot;&gt;\" onerror=\"{Run}\"", $"<img src=x onerror={Run}//", $"<isindex type=image src=1 onerror={Run}><img src=x onerror={Run}>",
    ];

    /// <summary>More than a hundred.</summary>
    public static IReadOnlyList<HostileHtml> All { get; } =
    [
        .. Script.Concat(Handlers).Concat(Addresses).Concat(Styles).Concat(Confusions).Select(static attempt => Plain(attempt)),
        Of("UTF-7", "text/html; charset=utf-7", Encoding.ASCII.GetBytes($"+ADw-script+AD4-{Run.Replace("=", "+AD0-", StringComparison.Ordinal)}+ADw-/script+AD4-")),
        Of("ISO-2022-JP that swallows a quote", "text/html; charset=iso-2022-jp", [.. "<a title=\""u8, 0x1B, (byte)'$', (byte)'B', .. "\"><img src=x onerror="u8, 0x1B, (byte)'(', (byte)'B', .. Encoding.ASCII.GetBytes($"\"><img src=x onerror={Run}>")]),
        Of("ISO-2022-JP Roman", "text/html; charset=iso-2022-jp", [0x1B, (byte)'(', (byte)'J', .. Encoding.ASCII.GetBytes($"<img src=x onerror={Run}>")]),
        Of("Shift_JIS lead byte before a quote", "text/html; charset=shift_jis", [.. "<img alt=\""u8, 0x83, .. Encoding.ASCII.GetBytes($"\"src=x onerror={Run}>\"><img src=x onerror={Run}>")]),
        Of("UTF-16", "text/html; charset=utf-16le", Encoding.Unicode.GetBytes($"<img src=x onerror={Run}>")),
        Of("a charset nobody has", "text/html; charset=\"x-evil\"", Encoding.ASCII.GetBytes($"<img src=x onerror={Run}>")),
        Of("XHTML", "application/xhtml+xml", Encoding.ASCII.GetBytes($"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><script>{Run}</script></body></html>")),
        Of("SVG as the message", "image/svg+xml", Encoding.ASCII.GetBytes($"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"{Run}\"/>")),
        Of("XML with a style sheet", "text/xml", Encoding.ASCII.GetBytes($"<?xml-stylesheet href=\"{Away}x.xsl\" type=\"text/xsl\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><script>{Run}</script></html>")),
        Nested("a message in a message", $"<script>{Run}</script><img src={Away}nested>"),
    ];

    private static HostileHtml Plain(string attempt) => Of(attempt, "text/html; charset=utf-8", Encoding.UTF8.GetBytes($"<html><body>{attempt}</body></html>"));

    private static HostileHtml Of(string name, string type, byte[] body) => new(
        name, type, body,
        $"From: x@evil.example\r\nTo: b@kita.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: hostile\r\nMIME-Version: 1.0\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(body, Base64FormattingOptions.InsertLineBreaks)}\r\n");

    private static HostileHtml Nested(string name, string html) => new(
        name, "text/html; charset=utf-8", Encoding.ASCII.GetBytes(html),
        $"From: x@evil.example\r\nSubject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nFrom: y@evil.example\r\nSubject: {html}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/html\r\n\r\n{html}\r\n--i--\r\n--o--\r\n");
}
