namespace Tsunagi.Ui.Dashboard;

/// <summary>
/// What a module shows on the dashboard: a Razor component without parameters. <c>services.AddDashboardPart&lt;MailDashboard&gt;("mail.trace.read", 10)</c>.
/// </summary>
/// <param name="Permission">Who sees it; empty for everybody.</param>
/// <param name="Order">Small is above.</param>
public sealed record DashboardPart(Type Component, string Permission, int Order, DashboardPlace Place);

/// <summary>Tiles stand in the row of figures; panels below them, wide or narrow.</summary>
public enum DashboardPlace
{
    /// <summary>One or more <c>&lt;Stat&gt;</c> elements.</summary>
    Figures,

    /// <summary>A panel of the wide column.</summary>
    Main,

    /// <summary>A panel of the narrow column.</summary>
    Side,
}
