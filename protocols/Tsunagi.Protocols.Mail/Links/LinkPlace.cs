namespace Tsunagi.Protocols.Mail.Links;

/// <summary>Where in a message a link stands, and so what leads there.</summary>
public enum LinkPlace
{
    /// <summary>In text, plain or of HTML: mail programs make it one that can be clicked.</summary>
    Text,
    /// <summary>The "href" of "a" or "area": it is clicked.</summary>
    Anchor,
    /// <summary>The "action" of a form, "formaction" of a button: what is typed goes there.</summary>
    Form,
    /// <summary>A "meta" refresh: whoever opens the file goes there.</summary>
    Refresh,
    /// <summary>Images, styles, frames: fetched to show the message.</summary>
    Resource,
}
