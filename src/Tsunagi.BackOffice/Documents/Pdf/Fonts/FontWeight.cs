namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

public enum FontWeight
{
    Regular,
    Bold,
}
