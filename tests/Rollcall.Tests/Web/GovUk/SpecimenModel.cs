using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>What Specimen.cshtml asks for.</summary>
public sealed class SpecimenModel : PageModel
{
    public PersonInput Input { get; } = new();

    public string Said { get; set; } = "said";

    public int CurrentPage { get; set; } = 1;

    public int PageCount { get; set; } = 1;
}

public sealed class PersonInput
{
    [Display(Name = "First name")]
    public string? FirstName { get; set; }

    public string? LastName { get; set; }

    public string? Role { get; set; }

    public List<string> Areas { get; set; } = [];

    public List<LineInput> Lines { get; set; } = [new(), new()];

    public string? Region { get; set; }

    public string? Notes { get; set; }

    public string? Password { get; set; }

    public IFormFile? File { get; set; }

    public bool Agrees { get; set; }
}

public sealed class LineInput
{
    public string? Email { get; set; }
}
