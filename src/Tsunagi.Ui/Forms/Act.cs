using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Ui.Forms;

/// <summary>
/// One posted form of the console. Read the fields first (each notes what is wrong with it), return <see cref="Refused"/> when
/// <see cref="Ok"/> is false, then call the service and return <see cref="Done"/>.
/// </summary>
public sealed class Act(HttpContext http, IFormCollection form, ConsoleView view)
{
    private const int LongestText = 4000;
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public HttpContext Http => http;

    public IFormCollection Form => form;

    public ConsoleView View => view;

    /// <summary>Who acts. On the routes before sign-in use <c>View.CallerOrNull</c>.</summary>
    public Caller Caller => view.Caller;

    public CancellationToken CancellationToken => http.RequestAborted;

    public bool Ok => _errors.Count == 0;

    public IReadOnlyDictionary<string, string[]> Errors => _errors.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToArray());

    public TService Service<TService>()
        where TService : notnull => http.RequestServices.GetRequiredService<TService>();

    /// <summary>A part of the route ("id").</summary>
    public string Route(string name) => http.Request.RouteValues[name]?.ToString() ?? "";

    /// <summary>The trimmed text of a field, or null when it was left empty.</summary>
    public string? Text(string name, int longest = 200)
    {
        var text = form[name].ToString().Trim();
        if (text.Length > Math.Min(longest, LongestText))
        {
            Wrong(name, view.Say(UiTexts.LongerThan, longest));
        }

        return text.Length == 0 ? null : text;
    }

    /// <summary>The text of a field that must not be empty.</summary>
    public string Required(string name, int longest = 200)
    {
        var text = Text(name, longest);
        if (text is null)
        {
            Wrong(name, view[UiTexts.Required]);
        }

        return text ?? "";
    }

    /// <summary>A secret, as typed: never trimmed.</summary>
    public string Secret(string name)
    {
        var text = form[name].ToString();
        if (text.Length == 0)
        {
            Wrong(name, view[UiTexts.Required]);
        }
        else if (text.Length > LongestText)
        {
            Wrong(name, view.Say(UiTexts.LongerThan, LongestText));
        }

        return text;
    }

    public long? Number(string name, long least = long.MinValue, long most = long.MaxValue)
    {
        var text = Text(name);
        if (text is null)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
        {
            Wrong(name, view[UiTexts.NotANumber]);
            return null;
        }

        if (number < least || number > most)
        {
            Wrong(name, view.Say(UiTexts.BetweenAnd, least, most));
        }

        return number;
    }

    public bool Checked(string name) => form[name].ToString() is "on" or "true" or "1";

    public IReadOnlyList<string> Many(string name) => [.. form[name].OfType<string>().Where(static value => value.Length > 0)];

    /// <summary>One of the allowed values.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var value = form[name].ToString();
        if (!allowed.Contains(value))
        {
            Wrong(name, view.Say(UiTexts.NotAllowedValue, string.Join(", ", allowed.ToArray())));
        }

        return value;
    }

    /// <summary>Notes what is wrong with a field; the empty name is the form as a whole.</summary>
    public void Wrong(string field, string sentence)
    {
        if (!_errors.TryGetValue(field, out var list))
        {
            _errors[field] = list = [];
        }

        list.Add(sentence);
    }

    /// <summary>The form comes back with its fields marked.</summary>
    public ActResult Refused() => new(null, null, Errors);

    public ActResult Refused(string field, LocalizedText sentence)
    {
        Wrong(field, view[sentence]);
        return Refused();
    }

    /// <summary>What the form is about is not there, or is not the caller's to see: 404, and the two look the same.</summary>
    public ActResult Missing(LocalizedText sentence) => Refused("", sentence) with { IsMissing = true };

    /// <summary>What a service refused, beside its field; what it did not find is 404.</summary>
    public ActResult Refused(Refusal refusal)
    {
        Wrong(refusal.Field ?? "", RefusalWords.Say(refusal, http.RequestServices.GetServices<RefusalWords>(), view.Japanese));
        return Refused() with { IsMissing = refusal.Kind == RefusalKind.NotFound };
    }

    /// <summary>Goes on to a page, which shows the sentence once.</summary>
    public ActResult Done(string href, LocalizedText? sentence = null, params object[] values) => new(href, sentence is null ? null : view.Say(sentence, values), null);

    /// <summary>Goes on to the page that shows a secret once.</summary>
    public ActResult DoneOnce(LocalizedText title, string secret, LocalizedText note, string back)
    {
        Once.Set(http, "once", new ShownOnce(view[title], secret, view[note], back), "/console");
        return Done("/console/once");
    }
}

/// <summary>How an act ended: on to <paramref name="Href"/>, or back with errors by field.</summary>
public sealed record ActResult(string? Href, string? Toast, IReadOnlyDictionary<string, string[]>? Errors)
{
    /// <summary>The thing acted on is not there for this caller.</summary>
    public bool IsMissing { get; init; }
}
