using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Projects;

/// <summary>The request to take a project order.</summary>
public sealed record NewProject(
    [property: Required, StringLength(40, MinimumLength = 1), Description("Whose.")] string TenantId,
    [property: Required, StringLength(200, MinimumLength = 1), Description("What is built.")] string Name,
    [property: Required, Description("Its milestones, in their order.")] IReadOnlyList<NewMilestone> Milestones,
    [property: Description("The whole without tax, in minor units: needed where milestones have a share.")] long? TotalMinor = null,
    [property: MaxLength(200), Description("The customer's number of the order; the same one is taken once: asked again, the project that is there is the answer.")] string? Reference = null);

/// <summary>A milestone: with an amount, or with a share of the whole.</summary>
public sealed record NewMilestone(
    [property: Required, StringLength(200, MinimumLength = 1), Description("What is delivered; the text of its line.")] string Name,
    [property: Required, RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("The day it is promised for.")] string DueOn,
    [property: Description("Without tax, in minor units.")] long? AmountMinor = null,
    [property: Description("Percent of the whole, at most two places; the shares of a project add up to 100.")] decimal? SharePercent = null);

/// <summary>The request to change a project: what is accepted stays.</summary>
public sealed record ProjectChange(
    [property: Required, StringLength(500, MinimumLength = 1), Description("Why.")] string Reason,
    [property: Description("Further milestones, with amounts.")] IReadOnlyList<NewMilestone>? Add = null,
    [property: Description("Numbers of open milestones that are not done.")] IReadOnlyList<long>? Cancel = null);

/// <summary>The acceptance of a milestone.</summary>
public sealed record Acceptance(
    [property: MaxLength(500), Description("What shows it: the document's name; needed of who records it for the customer.")] string? Evidence = null,
    [property: RegularExpression("[0-9a-fA-F]{64}"), Description("SHA-256 of the document; needed of who records it for the customer.")] string? DocumentSha256 = null,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("The day of acceptance, where it is recorded for the customer; today without it.")] string? AcceptedOn = null);

/// <summary>A cost of a project's work.</summary>
public sealed record NewProjectCost(
    [property: Required, RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("The day it is booked on.")] string OnDay,
    [property: Description("In minor units; below zero takes back.")] long AmountMinor,
    [property: Required, StringLength(200, MinimumLength = 1), Description("What it is.")] string Label,
    [property: Required, StringLength(200, MinimumLength = 1), Description("Its number elsewhere; the same one counts once.")] string ForeignKey);

/// <summary>The request to cancel what of a project is open.</summary>
public sealed record ProjectCancellation(
    [property: Required, StringLength(500, MinimumLength = 1), Description("Why.")] string Reason,
    [property: Description("What the customer owes for what was done of it, without tax, on the next bill.")] long ChargeMinor = 0);
