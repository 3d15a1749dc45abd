using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Ui.Format;

namespace Tsunagi.Ui.Layout;

/// <summary>
/// How this request's reader sees the console: who they are, language, time zone, theme. Scoped; every page and part takes it with
/// <c>@inject ConsoleView View</c> and writes texts as <c>@View[Texts.Name]</c>.
/// </summary>
public sealed class ConsoleView(IHttpContextAccessor accessor, TimeProvider time, CallerOf callerOf)
{
    public const string LanguageCookie = "tsunagi.lang";
    public const string ThemeCookie = "tsunagi.theme";
    public const string ZoneCookie = "tsunagi.zone";

    private readonly HashSet<string> _ids = [];
    private string? _locale;
    private Zone? _zone;
    private long _now;

    public HttpContext Http { get; } = accessor.HttpContext ?? throw new InvalidOperationException("the console's view is used outside a request");

    /// <summary>Who is signed in, or null on the pages before sign-in.</summary>
    public Caller? CallerOrNull => field ??= callerOf(Http);

    /// <summary>Who is signed in. The console's middleware keeps everybody else out.</summary>
    public Caller Caller => CallerOrNull ?? throw new InvalidOperationException("this page needs a signed-in caller");

    /// <summary>"en" or "ja": the reader's choice, else the account's, else the browser's.</summary>
    public string Locale => _locale ??= OneOf(LanguageCookie, "en", "ja") ?? CallerOrNull?.Locale ?? Preferred();

    public bool Japanese => Formats.IsJapanese(Locale);

    /// <summary>"light", "dark" or "auto" (as the device says).</summary>
    public string Theme => OneOf(ThemeCookie, "light", "dark") ?? "auto";

    /// <summary>The browser tells its zone in a cookie; before that the one a page knows to be its reader's, else UTC.</summary>
    public Zone Zone => _zone ??= Zone.Of(Http.Request.Cookies[ZoneCookie] ?? LikelyZone);

    /// <summary>For pages that people open for the first time, by a link: set before anything is rendered.</summary>
    public string? LikelyZone { get; set; }

    /// <summary>One moment for the whole page, so that its relative times agree.</summary>
    public long NowMicros => _now != 0 ? _now : _now = time.NowMicros();

    public string Path => Http.Request.Path.Value ?? "/";

    public string this[LocalizedText text] => text.In(Locale);

    /// <summary>A text with its places ({0}, {1}) filled.</summary>
    public string Say(LocalizedText text, params object[] values) => string.Format(System.Globalization.CultureInfo.InvariantCulture, text.In(Locale), values);

    public bool May(string permission) => CallerOrNull?.May(permission) ?? false;

    public string Ago(long micros) => Relative.Say(micros, NowMicros, Locale);

    public string Money(long minor, string currency) => Formats.Money(minor, currency, Locale);

    /// <summary>An id no other element of this page has: the wished one, or with a number behind it.</summary>
    public string UniqueId(string wished)
    {
        var id = wished;
        for (var i = 2; !_ids.Add(id); i++)
        {
            id = wished + "-" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return id;
    }

    private string? OneOf(string cookie, string first, string second) => Http.Request.Cookies[cookie] is { } value && (value == first || value == second) ? value : null;

    private string Preferred() => Http.Request.Headers.AcceptLanguage.ToString().StartsWith("ja", StringComparison.OrdinalIgnoreCase) ? "ja" : "en";
}

/// <summary>Finds the caller of a request. The host takes it from Identity; the gallery's test host gives a fixed one.</summary>
public delegate Caller? CallerOf(HttpContext http);
