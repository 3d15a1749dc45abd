using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The words of projects.</summary>
internal static class ProjectWords
{
    public static readonly LocalizedText Projects = new("Projects", "構築案件");
    public static readonly LocalizedText NoSuchProject = new("There is no such project, or it is not yours to see", "該当する案件がないか、閲覧権限がありません");

    public static LocalizedText Word(string state) => state switch
    {
        ProjectState.Open => new("Open", "進行中"),
        ProjectState.Accepted => new("Accepted", "検収済"),
        ProjectState.Completed => new("Completed", "完了"),
        _ => new("Cancelled", "中止"),
    };

    public static Status StatusOf(string state, ConsoleView view) => new(
        state switch { ProjectState.Open => Tone.Waiting, ProjectState.Cancelled => Tone.Neutral, _ => Tone.Good }, view[Word(state)]);
}
